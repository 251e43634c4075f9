import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../../support/tmp.ts';
import { growth, type Sample } from './growth.ts';
import { startServer } from './server.ts';
import { soak, writeSoakedVolume } from './soak.ts';

const mebibyte = 1_048_576;
const run = (of: (index: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 20 }, (_, index) => ({ memory: 80 * mebibyte, descriptors: 30, ...of(index) }));

describe('whether something grows', () => {
  const rows: { readonly reason: string; readonly samples: Sample[]; readonly says: readonly string[] }[] = [
    { reason: 'nothing does', samples: run(() => ({})), says: [] },
    {
      reason: 'what grows in the first tenth is no matter',
      samples: run((index) => ({ memory: (index === 0 ? 40 : 80) * mebibyte })),
      says: [],
    },
    {
      reason: 'garbage comes and goes',
      samples: run((index) => ({ memory: (80 + (index % 5)) * mebibyte })),
      says: [],
    },
    {
      reason: 'memory does, a little each time',
      samples: run((index) => ({ memory: (80 + index) * mebibyte })),
      says: ['memory grew from 81 MiB to 99 MiB'],
    },
    {
      reason: 'one file stays open',
      samples: run((index) => ({ descriptors: index < 10 ? 30 : 31 })),
      says: ['open files grew from 30 to 31'],
    },
  ];
  for (const { reason, samples, says } of rows) test(reason, () => assert.deepEqual(growth(samples), says));

  test('a few samples tell nothing', () => assert.throws(() => growth(run(() => ({})).slice(1)), RangeError));
});

test('a short soak is answered in full, and leaves no file open', async (t) => {
  const store = join(await temporaryFolder(t), 'store');
  await writeSoakedVolume(store);
  const server = await startServer(store);
  t.after(() => server.end());
  const { manifests, bytes, samples } = await soak(server, { manifests: 2000, bytes: 2e9 }, () => {});
  assert.ok(manifests >= 2000 && bytes >= 2e9);
  assert.equal(samples.length, 20);
  assert.deepEqual(
    growth(samples).filter((line) => line.startsWith('open files')),
    [],
  );
});
