import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { failures } from '../hooks/support/failures.ts';
import { World } from '../hooks/support/world.ts';
import { type FailureRow, failureRows } from '../support/failureTable.ts';
import { type Kstatus, kstatus } from '../support/kstatus.ts';
import { temporaryFolder } from '../support/tmp.ts';

type ArgoHealth = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';

const script = fileURLToPath(new URL('../../metacontroller/argocd/health.lua', import.meta.url));
const parentOf = (world: World) => Object(world.body()['parent']);

/** What Argo CD says of an object, by the script that it is given: the status, then the message. */
async function argo(t: TestContext, object: unknown): Promise<{ status: string; message: string }> {
  const file = join(await temporaryFolder(t), 'main.lua');
  const lines = [
    `obj = ${lua(object)}`,
    `local health = dofile(${lua(script)})`,
    'print(health.status)',
    'print(health.message)',
  ];
  await writeFile(file, lines.join('\n'));
  const { stdout } = await execa('lua5.1', [file]);
  const [status = '', ...message] = stdout.split('\n');
  return { status, message: message.join('\n') };
}

/** A value of JSON's as Lua writes it; what is undefined is left out. */
function lua(value: unknown): string {
  if (value === undefined || value === null) return 'nil';
  if (Array.isArray(value)) return `{ ${value.map(lua).join(', ')} }`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).filter(([, each]) => each !== undefined);
    return `{ ${fields.map(([name, each]) => `[${lua(name)}] = ${lua(each)}`).join(', ')} }`;
  }
  // Lua has no \u; its strings are bytes, so that all but control characters stand as they are.
  return typeof value === 'string'
    ? `"${value.replaceAll(/["\\]/g, '\\$&').replaceAll(/\p{Cc}/gu, (sign) => `\\${sign.charCodeAt(0)}`)}"`
    : JSON.stringify(value);
}

describe('what kstatus and Argo CD take an image for', () => {
  const rows: { reason: string; world: () => World; kstatus: Kstatus; argo: ArgoHealth; says: RegExp }[] = [
    {
      reason: 'that was built',
      world: () => {
        const world = new World();
        world.build();
        return world;
      },
      kstatus: 'Current',
      argo: 'Healthy',
      says: /@sha256:/,
    },
    {
      reason: 'that is being built',
      world: () => {
        const world = new World();
        world.settle();
        world.run();
        world.settle();
        return world;
      },
      kstatus: 'InProgress',
      argo: 'Progressing',
      says: /^Building: the Pod /,
    },
    {
      reason: 'that was built, and was changed a moment ago',
      world: () => {
        const world = new World();
        world.build();
        world.change({ tag: 'v2', contents: ['jq'] });
        return world;
      },
      kstatus: 'InProgress',
      argo: 'Progressing',
      says: /changed image/,
    },
    {
      reason: 'that failed, and was corrected a moment ago',
      world: () => {
        const world = new World({ tags: 'v1', contents: ['jq'] });
        world.settle();
        world.change({ tag: 'v1', contents: ['jq'] });
        return world;
      },
      kstatus: 'InProgress',
      argo: 'Progressing',
      says: /changed image/,
    },
  ];
  for (const row of rows)
    test(row.reason, async (t) => {
      const object = parentOf(row.world());
      assert.equal(kstatus(object), row.kstatus);
      const { status, message } = await argo(t, object);
      assert.equal(status, row.argo);
      assert.match(message, row.says);
    });

  test('that nobody has looked at: Argo CD waits', async (t) => {
    const { status, message } = await argo(t, parentOf(new World()));
    assert.deepEqual([status, message], ['Progressing', 'nobody has looked at the image yet']);
  });
});

describe('each failure that the hook sees', () => {
  let told: ReadonlyMap<string, FailureRow>;
  before(async () => {
    told = await failureRows('What the hook sees');
  });

  /** Nothing goes on there until a person looks. */
  const stalled = ['ChildMissing'];

  for (const [did, cause] of Object.entries(failures))
    test(did, async (t) => {
      const row = told.get(did);
      assert.ok(row !== undefined);
      const object = parentOf(cause());
      const isStalled = row.state === 'Failed' || stalled.includes(row.reason);
      assert.equal(kstatus(object), isStalled ? 'Failed' : 'InProgress');
      const { status, message } = await argo(t, object);
      const waiting: ArgoHealth = row.reason === 'Suspended' ? 'Suspended' : 'Progressing';
      assert.equal(status, isStalled ? 'Degraded' : waiting);
      if (status !== 'Suspended') assert.ok(message.startsWith(`${row.reason}: `), message);
    });
});
