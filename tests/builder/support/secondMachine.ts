import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { nixConfig } from '../../support/nixConfig.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** A machine that builds for others: an sshd in a mount namespace of its own, where /nix is another folder. */
export interface SecondMachine {
  /** `ssh://<user>@<address>`; at port 22, for Nix knows no other in it. */
  readonly uri: string;
  /** A file that is there only. */
  readonly mark: string;
  /** A folder with the Secret that lets in, as a Pod mounts it. */
  readonly secrets: string;
  /** The same Secret, but for what it says of one key. */
  secretsWith(key: 'ssh-privatekey' | 'known_hosts', text: string): Promise<string>;
  stop(): Promise<void>;
  /** A key pair that the machine does not know: the private one's text, and the public one's. */
  strangersKey(): Promise<{ readonly privateKey: string; readonly publicKey: string }>;
}

export async function secondMachine(t: TestContext): Promise<SecondMachine> {
  const folder = await temporaryFolder(t);
  const [hostKey, userKey] = [await keyPair(join(folder, 'host')), await keyPair(join(folder, 'user'))];
  // Any address of 127.0.0.0/8 is this machine's.
  const address = `127.${10 + (process.pid % 200)}.${Math.floor(Math.random() * 250)}.${1 + Math.floor(Math.random() * 250)}`;
  await mkdir(join(folder, 'nix/store'), { recursive: true });
  await mkdir(join(folder, 'conf'));
  await writeFile(join(folder, 'conf/nix.conf'), `${nixConfig}\nsystem-features = second\n`);
  await writeFile(join(folder, 'authorized_keys'), userKey.publicKey);
  await chmod(join(folder, 'authorized_keys'), 0o600);
  await writeFile(
    join(folder, 'sshd_config'),
    [
      `ListenAddress ${address}:22`,
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      `SetEnv NIX_CONF_DIR=${folder}/conf NIX_REMOTE=local`,
      'PidFile none',
      'PasswordAuthentication no',
      'StrictModes no',
      'UsePAM no',
      '',
    ].join('\n'),
  );
  const script = [
    'set -e',
    `mount --bind ${folder}/nix /nix`,
    'mount -t tmpfs tmpfs /run',
    'mkdir -m 0755 /run/sshd',
    'echo second > /run/second-machine',
    `exec /usr/sbin/sshd -D -e -f ${folder}/sshd_config`,
  ].join('\n');
  const server = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
  };
  t.after(stop);
  await listening(server.stderr);
  const known = `${address} ${hostKey.publicKey}`;
  const write = async (privateKey: string, knownHosts: string): Promise<string> => {
    const secrets = await temporaryFolder(t);
    await mkdir(join(secrets, 'ssh'));
    await writeFile(join(secrets, 'ssh/ssh-privatekey'), privateKey);
    await writeFile(join(secrets, 'ssh/known_hosts'), knownHosts);
    return secrets;
  };
  return {
    uri: `ssh://${userInfo().username}@${address}`,
    mark: '/run/second-machine',
    secrets: await write(userKey.privateKey, known),
    secretsWith: (key, text) =>
      key === 'known_hosts' ? write(userKey.privateKey, text) : write(text, known),
    stop,
    strangersKey: () => keyPair(join(folder, 'stranger')),
  };
}

async function listening(output: NodeJS.ReadableStream): Promise<void> {
  const said: string[] = [];
  for await (const line of createInterface(output)) {
    said.push(line);
    if (line.startsWith('Server listening on')) {
      output.resume();
      return;
    }
  }
  throw new Error(`sshd does not listen: ${said.join('; ')}`);
}

async function keyPair(path: string): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
  const [privateKey, publicKey] = await Promise.all([
    readFile(path, 'utf8'),
    readFile(`${path}.pub`, 'utf8'),
  ]);
  return { privateKey, publicKey };
}
