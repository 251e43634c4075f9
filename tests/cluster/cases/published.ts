import { execa } from 'execa';
import type { Publication } from '../../../oci/store/publication.ts';
import { openStore } from '../../../oci/store/store.ts';
import { openTree } from '../../../oci/store/tree.ts';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { makePlace, small, smallHash } from './place.ts';
import { untilAll } from './states.ts';

const count = 50;

/** Many images that are Built. */
export const published = {
  /** Their namespace. */
  place: 'many',
  /** With that whose Pod built for all. */
  images: count + 1,
  /** Pods of the others would be named so. */
  pods: 'published-[0-9]+',
} as const;

/**
 * Makes them without a Pod each: one is built, and its manifest published for all. They are suspended only until it is.
 */
export async function publishImages(site: Site): Promise<void> {
  const namespace = published.place;
  await makePlace(site, namespace);
  const seed = imageOn(site, 'seed', namespace);
  await seed.apply(small);
  await seed.wait('Ready');
  const names = Array.from({ length: count }, (_, index) => `published-${index}`);
  const applyAll = (data: unknown) =>
    site.must(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: names.map((name) => ({
          apiVersion: 'k8s.nixos.org/v1',
          kind: 'NixImage',
          metadata: { name, namespace },
          data,
        })),
      }),
    );
  await applyAll({ ...small, suspend: true });
  const store = await openStore(site.volume);
  const tree = await openTree(store.treePath(namespace), 'test');
  const [newest] = await tree.reader.publications('seed', small.tag);
  if (newest === undefined) throw new Error('the seed has no publication');
  const manifest = await tree.reader.readManifest('seed', newest.digest);
  if (manifest === undefined) throw new Error('the seed has no manifest');
  const objects = JSON.parse(await site.must(['get', 'niximages', '-n', namespace, '-o', 'json']));
  for (const { metadata } of objects.items) {
    if (!names.includes(metadata.name)) continue;
    const publication: Publication = {
      ...newest,
      created: metadata.creationTimestamp,
      uid: metadata.uid,
      inputHash: smallHash,
      ordinal: 1,
    };
    await tree.putManifest(metadata.name, manifest.bytes);
    await tree.publish(metadata.name, small.tag, publication);
  }
  await tree.releaseLeases();
  // As if builders had written it.
  await execa('chown', ['-R', '1000:1000', store.treePath(namespace)]);
  await applyAll(small);
  await untilAll(site, published, 'True');
}
