import { writeFile } from 'node:fs/promises';
import { kubernetesPrograms } from './support/binaries.ts';
import { clusterImages } from './support/images.ts';
import { metacontrollerProgram } from './support/metacontroller.ts';

// node tests/cluster/prepare.ts FILE: builds what needs a network, before the tests run in namespaces that have none,
// and says in FILE where it is.
console.log(
  `# Metacontroller: ${metacontrollerProgram ?? 'none; METACONTROLLER names no program, and what needs it is skipped'}`,
);
const [file = ''] = process.argv.slice(2);
await kubernetesPrograms();
await writeFile(file, JSON.stringify(await clusterImages()));
