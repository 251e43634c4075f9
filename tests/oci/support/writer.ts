import { openTree } from '../../../oci/store/tree.ts';
import { publish, writeImage } from './tree.ts';

/**
 * A program that writes images into a namespace's tree: it says `ready`, and publishes one after the other.
 * Arguments: the tree, the name of its Pod, the first build's number, and how many images it writes.
 */
const [path = '', pod = '', first = '1', count = '1'] = process.argv.slice(2);
const tree = await openTree(path, pod);
process.stdout.write('ready\n');
for (let ordinal = Number(first); ordinal < Number(first) + Number(count); ordinal += 1) {
  // Few texts, so that what another left behind is met again; and large enough to be cut in the middle.
  const written = await writeImage(tree, 'tool', String(ordinal % 7).repeat(200_000));
  await publish(tree, 'tool', written, { ordinal });
}
await tree.releaseLeases();
