import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { commands } from '../../cli/commands/index.ts';
import { freePort } from '../../cli/up/ports.ts';
import { healthy } from '../cli/doctor/support/healthy.ts';
import { writeKubectl } from '../cli/doctor/support/standIn.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { niximage, program, project } from './support/program.ts';

/** Helps in the order in which their examples are run: later ones print what earlier ones built. */
const helps: readonly (readonly string[])[] = [
  ...commands.filter(({ name }) => name !== 'registry').map(({ name }) => [name]),
  ['registry', 'keeper'],
  ['registry', 'serve'],
  ['registry', 'initialise'],
];

/** What tells that an example that serves for ever does so. */
const servesForEver: readonly { readonly example: RegExp; readonly says: RegExp }[] = [
  { example: /^niximage up (?!--once)/, says: /is Built\. To run it/ },
  { example: /^niximage (hook|registry (keeper|serve))/, says: /"listening"|listening/ },
];

describe('the examples of each --help do what they say', () => {
  const cleanups: (() => unknown)[] = [];
  let folder: string;
  let env: Readonly<Record<string, string>>;

  before(async () => {
    folder = await temporaryFolder({ after: (cleanup: () => unknown) => void cleanups.push(cleanup) });
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await cp(join(project, 'examples'), join(folder, 'examples'), { recursive: true });
    await script(join(bin, 'niximage'), `exec '${process.execPath}' '${program}' "$@"`);
    // Stands in for an engine, of which a machine may have none: it takes an archive and says so.
    await script(join(bin, 'docker'), `test "$*" = load && cat > '${join(folder, 'loaded.tar')}'`);
    // And for kubectl, before a cluster on which all is well.
    await writeKubectl(bin, healthy);
    for (const file of ['hook-token', 'keeper-token', 'token'])
      await writeFile(join(folder, file), 'a'.repeat(64));
    env = {
      PATH: [bin, process.env['PATH']].join(delimiter),
      NIXIMAGE_NIXPKGS: 'demo',
      NO_COLOR: '1',
    };
  });

  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  for (const help of helps)
    test(help.join(' '), async (t) => {
      const { stdout } = await niximage([...help, '--help'], { cwd: folder });
      const examples = stdout.slice(stdout.indexOf('Examples:')).trim().split('\n').slice(1);
      assert.ok(examples.length > 0);
      for (const example of examples) await t.test(example.trim(), () => runExample(example.trim()));
    });

  async function runExample(example: string): Promise<void> {
    const port = String(await freePort());
    // A port and a folder of its own, as other tests run beside this one.
    const line = example
      .replace(/--port[= ]\d+/, `--port=${port}`)
      .replaceAll(' /tmp/', ` ${folder}/`)
      .replace(/^niximage (hook|registry keeper)/, '$& --host=127.0.0.1')
      .replace(/(--host=127\.0\.0\.1)(.*)--host=127\.0\.0\.1/, '$1$2');
    const options = { cwd: folder, env: { ...env, NIXIMAGE_PORT: port } };
    const forEver = servesForEver.find((each) => each.example.test(line));
    if (forEver !== undefined) return await startAndStop(line, forEver.says, options);
    const ran = await execa('sh', ['-c', line], {
      ...options,
      reject: false,
      stdin: 'ignore',
      timeout: 180_000,
    });
    assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
    assert.notEqual(line.includes('>') ? 'a file' : ran.stdout, '');
  }

  test('build --output and --load wrote archives that are whole', async () => {
    for (const file of ['hello.tar', 'loaded.tar'])
      await execa('skopeo', ['inspect', '--config', `oci-archive:${join(folder, file)}`]);
    assert.match(await readFile(join(folder, 'default.nix'), 'utf8'), /buildLayeredImage/);
  });
});

async function script(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

async function startAndStop(
  line: string,
  says: RegExp,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<void> {
  const child = spawn('sh', ['-c', `exec ${line}`], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (says.test(output)) resolve();
      });
    void ended.then(() => reject(new Error(`${line} ended before it said ${says}; it said:\n${output}`)));
  });
  child.kill('SIGTERM');
  const [exitCode, signal] = await ended;
  assert.deepEqual([exitCode, signal], [0, null], output);
}
