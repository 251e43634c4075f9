import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { generateTypes } from '../../scripts/generate-types.ts';

test('the committed types are those that the CRD gives; `npm run generate` makes them', async () => {
  const committed = new URL('../../hooks/resource/niximage.generated.ts', import.meta.url);
  assert.equal(await readFile(committed, 'utf8'), await generateTypes());
});
