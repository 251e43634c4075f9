import { writeFile } from 'node:fs/promises';
import { ensurePackages } from '../../scripts/packages.mjs';
import { ensureTools } from '../../scripts/setup/debian.mjs';
import { buildKubernetes } from './support/binaries.ts';
import { clusterImages } from './support/images.ts';
import { metacontrollerTitle } from './support/metacontroller.ts';
import { stage } from './support/stage.ts';

// node tests/cluster/prepare.ts programs|images: builds what needs a network, before the tests run in namespaces that
// have none. The two are for two processes, side by side: the one compiles, the other mostly waits for servers.
const [what] = process.argv.slice(2);
if (what === 'programs') await buildKubernetes();
else {
  console.log(`# with ${metacontrollerTitle}`);
  await stage("Debian's packages", () => ensureTools(['cluster'], console.log));
  await stage('the offline package set', ensurePackages);
  await writeFile(process.env['NIXIMAGE_TEST_PREPARED'] ?? '', JSON.stringify(await clusterImages()));
}
