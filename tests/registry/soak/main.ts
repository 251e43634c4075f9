import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { growth, mebibytes } from './growth.ts';
import { startServer } from './server.ts';
import { soak, writeSoakedVolume } from './soak.ts';

/** `npm run test:soak [-- MANIFESTS [GIGABYTES]]`: 2 million requests for manifests and 500 GB of ranges, or fewer. */
const [manifests = 2_000_000, gigabytes = 500] = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'niximage-soak-'));
try {
  const store = join(folder, 'store');
  await writeSoakedVolume(store);
  const server = await startServer(store);
  try {
    const began = performance.now();
    const { samples } = await soak(server, { manifests, bytes: gigabytes * 1e9 }, (sample, part) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      const [done, memory] = [`${(part * 100).toFixed(0)} %`, mebibytes(sample.memory)];
      console.log(
        `${done.padStart(5)} ${seconds.padStart(5)} s ${memory.padStart(8)}, ${sample.descriptors} open files`,
      );
    });
    const grown = growth(samples);
    console.log(grown.length === 0 ? 'nothing grew after the first tenth' : grown.join('\n'));
    if (grown.length > 0) process.exitCode = 1;
  } finally {
    await server.end();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
