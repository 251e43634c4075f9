import { writeFile } from 'node:fs/promises';
import { kubernetesPrograms } from './support/binaries.ts';
import { clusterImages } from './support/images.ts';

// node tests/cluster/prepare.ts FILE: builds what needs a network, before the tests run in namespaces that have none,
// and says in FILE where it is.
const [file = ''] = process.argv.slice(2);
await kubernetesPrograms();
await writeFile(file, JSON.stringify(await clusterImages()));
