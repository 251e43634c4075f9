import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { action, images } from './support/actions.ts';
import { Life } from './support/life.ts';

test('whatever is applied, removed and answered, no child of another parent is touched, and no Pod is run twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 40, size: 'max' }), async (actions) => {
      const folder = await mkdtemp(join(tmpdir(), 'niximage-test-'));
      const life = new Life(folder);
      try {
        await life.start();
        for (const each of images) await life.act({ do: 'apply', image: each, contents: 'jq' });
        for (const each of actions) await life.act(each);
        await life.end();
        await life.machine.close();
      } finally {
        await rm(folder, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});
