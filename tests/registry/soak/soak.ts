import { truncate, writeFile } from 'node:fs/promises';
import { makeImage, publish, writeMarker, writeNamespace } from '../support/volume.ts';
import { Connection } from './connection.ts';
import type { Sample } from './growth.ts';
import type { SoakedServer } from './server.ts';

export interface Amount {
  readonly manifests: number;
  /** Bytes of ranges. */
  readonly bytes: number;
}

export interface Soaked extends Amount {
  readonly samples: readonly Sample[];
}

const steps = 20;
const connections = 8;
/** Larger than a range, and sparse: its bytes cost no disk. */
const blobSize = 4 * 1024 ** 3;
const rangeSize = 256 * 1024 ** 2;
const blob = 'b'.repeat(64);

/** A volume with an image, and a blob of 4 GiB of zeros. */
export async function writeSoakedVolume(root: string): Promise<void> {
  await writeMarker(root);
  await writeNamespace(root, 'default');
  await publish(root, await makeImage('soaked'));
  const path = `${root}/default/blobs/sha256/${blob}`;
  await writeFile(path, '');
  await truncate(path, blobSize);
}

/**
 * Asks for manifests and for ranges of a large blob, in twenty parts with a sample of the server after each. Half of the
 * manifests' requests have a header that leads them past the short way from memory.
 */
export async function soak(
  server: Pick<SoakedServer, 'url' | 'sample'>,
  amount: Amount,
  tell: (sample: Sample, part: number) => void,
): Promise<Soaked> {
  const clients = await Promise.all(Array.from({ length: connections }, () => Connection.open(server.url)));
  const samples: Sample[] = [];
  let [manifests, bytes] = [0, 0];
  try {
    for (let part = 1; part <= steps; part += 1) {
      const [manifestGoal, byteGoal] = [(amount.manifests * part) / steps, (amount.bytes * part) / steps];
      await Promise.all(
        clients.map(async (client, index) => {
          const headers = index % 2 === 0 ? '' : 'X-Request-Id: soak\r\n';
          while (manifests < manifestGoal) {
            manifests += 1;
            await client.get('/v2/app/manifests/v1', headers);
          }
          while (bytes < byteGoal) {
            const size = Math.min(rangeSize, Math.ceil(byteGoal - bytes));
            const first = (bytes * 7919) % (blobSize - size);
            bytes += size;
            const range = `Range: bytes=${first}-${first + size - 1}\r\n`;
            const sent = await client.get(`/v2/app/blobs/sha256:${blob}`, range);
            if (sent !== size) throw new Error(`a range of ${size} bytes came with ${sent}`);
          }
        }),
      );
      const sample = await server.sample();
      samples.push(sample);
      tell(sample, part / steps);
    }
  } finally {
    for (const client of clients) client.close();
  }
  return { manifests, bytes, samples };
}
