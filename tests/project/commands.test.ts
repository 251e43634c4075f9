import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { temporaryFolder } from '../support/tmp.ts';
import { commandLines, fencedBlocks } from './fencedBlocks.ts';
import { projectFolder, trackedFiles } from './trackedFiles.ts';

/** Commands of `sh` blocks that cannot be run from within a test, and what runs them. */
const runElsewhere = new Map([['npm test', '.ci/run']]);

/** The port that documents name; each run gets a free one in its place. */
const documentedPort = '5001';

interface Surroundings {
  readonly port: string;
  readonly env: NodeJS.ProcessEnv;
  /** What ends the programs that are to go on until then. */
  readonly ends: (() => Promise<void>)[];
}

describe('the sh blocks of', () => {
  const documents = [
    'README.md',
    'docs/cluster.md',
    'docs/reference.md',
    'docs/registry.md',
    'docs/failures.md',
    'docs/troubleshooting.md',
    'docs/builder.md',
    'docs/benchmarks.md',
    'docs/development.md',
    'docs/architecture.md',
  ];

  for (const document of documents)
    test(`${document} run as they stand`, async (t) => {
      const blocks = fencedBlocks(await readFile(projectFolder + document, 'utf8'));
      const commands = blocks.filter(({ language }) => language === 'sh').flatMap(commandLines);
      const surroundings = await prepare(t);
      for (const command of commands) await perform(command, surroundings);
    });

  test('every page under docs/ is among them', async () => {
    const pages = (await trackedFiles()).filter((path) => /^docs\/.*\.md$/.test(path));
    assert.deepEqual(
      pages.filter((path) => !documents.includes(path)),
      [],
    );
  });
});

async function prepare(t: TestContext): Promise<Surroundings> {
  const ends: (() => Promise<void>)[] = [];
  // What still runs is ended before the folder goes that it writes into.
  t.after(async () => {
    for (const end of ends) await end();
  });
  const port = String(await freePort());
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    NIXIMAGE_PORT: port,
    NIXIMAGE_STATE: join(await temporaryFolder(t), 'state'),
    NIXIMAGE_NIXPKGS: 'demo',
  };
  return { port, env, ends };
}

async function perform(command: string, { port, env, ends }: Surroundings): Promise<void> {
  const elsewhere = runElsewhere.get(command);
  if (elsewhere !== undefined) {
    const script = await readFile(projectFolder + elsewhere, 'utf8');
    assert.ok(script.includes(command), `${elsewhere} does not run ${command}`);
    return;
  }
  const line = command.replaceAll(`127.0.0.1:${documentedPort}`, `127.0.0.1:${port}`);
  const child = spawn('bash', ['-c', `exec ${line}`], {
    cwd: projectFolder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (/\bup\b/.test(command) && !command.includes('--once')) await untilBuilt(child, command, ends);
  else await untilDone(child, command);
}

/** `up` goes on until it is told to stop: it serves what the commands after it pull. */
async function untilBuilt(child: ChildProcess, command: string, ends: Surroundings['ends']): Promise<void> {
  const ended = once(child, 'exit');
  ends.push(async () => {
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], `${command}: the end it was told to come to`);
  });
  assert.ok(child.stdout !== null && child.stderr !== null);
  const errors = text(child.stderr);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (/\bBuilt\b/.test(line)) {
      child.stdout.resume();
      return;
    }
    assert.doesNotMatch(line, /\bFailed\b/);
  }
  assert.fail(`${command} ended before the image was Built:\n${lines.join('\n')}\n${await errors}`);
}

async function untilDone(child: ChildProcess, command: string): Promise<void> {
  assert.ok(child.stdout !== null && child.stderr !== null);
  const [[code], out, errors] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ]);
  assert.equal(code, 0, `${command}:\n${out}${errors}`);
  assert.notEqual(out.trim(), '', `${command} printed nothing`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  server.close();
  return address.port;
}
