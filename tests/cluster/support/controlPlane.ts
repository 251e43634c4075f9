import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

export interface ControlPlane {
  readonly url: string;
  readonly kubeconfig: string;
  /** Runs kubectl as the cluster's administrator. A failure is a result, not an error: its text is what is tested. */
  kubectl(words: readonly string[], input?: string): Promise<Answer>;
  /** Starts one more program beside the API server, stopped with it; its output goes to `<name>.log`. */
  start(name: string, program: string, words: readonly string[]): Process;
  readLog(name: string): Promise<string>;
  close(): Promise<void>;
}

export interface Answer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Process {
  readonly pid: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts etcd, kube-apiserver and kube-controller-manager on loopback, with all they write in `folder`. */
export async function startControlPlane(folder: string, programs: string): Promise<ControlPlane> {
  const processes: Process[] = [];
  const start = (name: string, program: string, words: readonly string[]): Process => {
    const started = startProcess(folder, name, program, words);
    processes.push(started);
    return started;
  };
  const close = async (): Promise<void> => {
    for (const running of processes.reverse()) await running.stop();
  };
  try {
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
    const url = `https://127.0.0.1:${port}`;
    const kubeconfig = `${folder}/kubeconfig`;
    await writeCredentials(folder, kubeconfig, url);
    start('etcd', 'etcd', etcdWords(folder, etcdPort, peerPort));
    start('kube-apiserver', `${programs}kube-apiserver`, apiServerWords(folder, etcdPort, port));
    const kubectl: ControlPlane['kubectl'] = async (words, input = '') => {
      const { exitCode, stdout, stderr } = await execa(
        `${programs}kubectl`,
        [`--kubeconfig=${kubeconfig}`, ...words],
        { reject: false, env: { HOME: folder }, input },
      );
      return { exitCode, stdout, stderr };
    };
    await until(
      async () => (await kubectl(['get', '--raw=/readyz'])).stdout === 'ok',
      60_000,
      () => readFile(`${folder}/kube-apiserver.log`, 'utf8'),
    );
    start('kube-controller-manager', `${programs}kube-controller-manager`, [
      `--kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${folder}/service-account.key`,
      '--leader-elect=false',
      '--controllers=*,-nodeipam,-cloud-node-lifecycle,-service-lb-controller,-node-route-controller',
      `--secure-port=${await freePort()}`,
      '--bind-address=127.0.0.1',
    ]);
    return {
      url,
      kubeconfig,
      kubectl,
      start,
      readLog: (name) => readFile(`${folder}/${name}.log`, 'utf8'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function etcdWords(folder: string, port: number, peerPort: number): string[] {
  return [
    `--data-dir=${folder}/etcd`,
    '--unsafe-no-fsync',
    `--listen-client-urls=http://127.0.0.1:${port}`,
    `--advertise-client-urls=http://127.0.0.1:${port}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
  ];
}

function apiServerWords(folder: string, etcdPort: number, port: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${folder}/certificates`,
    `--token-auth-file=${folder}/tokens.csv`,
    '--authorization-mode=Node,RBAC',
    `--service-account-key-file=${folder}/service-account.key`,
    `--service-account-signing-key-file=${folder}/service-account.key`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/24',
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

async function writeCredentials(folder: string, kubeconfig: string, url: string): Promise<void> {
  await execa('openssl', ['genrsa', '-out', `${folder}/service-account.key`, '2048']);
  await writeFile(`${folder}/tokens.csv`, 'admintoken,admin,admin,system:masters\n');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token: 'admintoken' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  };
  await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
}

function startProcess(folder: string, name: string, program: string, words: readonly string[]): Process {
  const log = openSync(`${folder}/${name}.log`, 'a');
  const child = spawn(program, words, { stdio: ['ignore', log, log], cwd: folder });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (child.pid === undefined) throw new Error(`${program} could not be started`);
  return {
    pid: child.pid,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Asks until the answer is yes; there is no event for what another program's server answers. */
export async function until(
  question: () => Promise<boolean>,
  milliseconds: number,
  explain: () => Promise<string> = async () => '',
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await question())) {
    if (Date.now() > end)
      throw new Error(`not so after ${milliseconds} ms: ${(await explain()).slice(-3000)}`);
    await delay(100);
  }
}
