import { join } from 'node:path';
import { execa } from 'execa';
import { type Row, timesRow } from '../row.ts';
import { type Content, digestOf } from './content.ts';
import { get } from './get.ts';
import { app, mebibyte } from './rows.ts';
import type { RunningPeer, Servers } from './servers.ts';

/** A download of 256 MiB of which no byte is in the page cache, against docker-registry. */
export async function coldRows(
  { one, docker }: Servers,
  { blobs }: Content,
  { store, root }: { readonly store: string; readonly root: string },
  rounds: number,
): Promise<readonly Row[]> {
  const bytes = blobs.get('256 MiB') ?? Buffer.alloc(0);
  const digest = digestOf(bytes);
  const hex = digest.slice('sha256:'.length);
  const speed = async ({ url }: RunningPeer, file: string): Promise<number> => {
    // Takes nothing but the file out of the page cache.
    await execa('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
    const begin = performance.now();
    await get(`${url}${app}/blobs/${digest}`);
    return bytes.length / mebibyte / ((performance.now() - begin) / 1000);
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await speed(one, join(store, 'bench/blobs/sha256', hex)));
    for (const peer of docker)
      theirs.push(
        await speed(peer, join(root, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data')),
      );
  }
  return [
    timesRow(
      'blob of 256 MiB, cold page cache, against docker-registry',
      'MiB/s',
      Math.max(...ours),
      Math.max(...theirs),
    ),
  ];
}
