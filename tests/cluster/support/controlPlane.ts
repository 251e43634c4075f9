import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { type ApiClient, apiClient } from './apiClient.ts';
import { freePort, type Process, startProcess, until } from './processes.ts';

export interface ControlPlane {
  readonly url: string;
  readonly kubeconfig: string;
  readonly kubectlProgram: string;
  /** Runs kubectl as the cluster's administrator. A failure is a result, not an error: its text is what is tested. */
  kubectl(words: readonly string[], input?: string): Promise<Answer>;
  /** The same, and fails where it fails. @returns what it prints. */
  must(words: readonly string[], input?: string): Promise<string>;
  /** For what is asked often: each kubectl is a process of its own. */
  readonly api: ApiClient;
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

/** A kubectl ends before its garbage matters: a third of its CPU time. */
const collectNever = { GOGC: 'off' };

/** The administrator's. */
const token = 'admintoken';

/**
 * Starts etcd, kube-apiserver and kube-controller-manager, with all they write in `folder`.
 * @param logs the folder of their logs.
 * @param address where the API server listens; Pods reach it there, where there are any.
 */
export async function startControlPlane(
  folder: string,
  logs: string,
  programs: string,
  address: string,
): Promise<ControlPlane> {
  const processes: Process[] = [];
  const start = (name: string, program: string, words: readonly string[]): Process => {
    const started = startProcess(`${logs}/${name}.log`, program, words);
    processes.push(started);
    return started;
  };
  const readLog = (name: string): Promise<string> => readFile(`${logs}/${name}.log`, 'utf8');
  let api: ApiClient | undefined;
  const close = async (): Promise<void> => {
    await api?.close();
    for (const running of processes.reverse()) await running.stop();
  };
  try {
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
    const url = `https://${address}:${port}`;
    const kubeconfig = `${folder}/kubeconfig`;
    await writeCredentials(folder, kubeconfig, url);
    start('etcd', 'etcd', etcdWords(folder, etcdPort, peerPort));
    const apiServer = start(
      'kube-apiserver',
      `${programs}kube-apiserver`,
      apiServerWords(folder, etcdPort, address, port),
    );
    const kubectl: ControlPlane['kubectl'] = async (words, input = '') => {
      const { exitCode, stdout, stderr } = await execa(
        `${programs}kubectl`,
        [`--kubeconfig=${kubeconfig}`, ...words],
        { reject: false, env: { HOME: folder, ...collectNever }, input },
      );
      return { exitCode, stdout, stderr };
    };
    const must: ControlPlane['must'] = async (words, input) => {
      const { exitCode, stdout, stderr } = await kubectl(words, input);
      if (exitCode !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
      return stdout;
    };
    const client = apiClient(url, token);
    api = client;
    await until(
      async () => {
        if (apiServer.hasEnded()) throw new Error(`kube-apiserver ended: ${await readLog('kube-apiserver')}`);
        return await client.isReady();
      },
      60_000,
      () => readLog('kube-apiserver'),
    );
    start('kube-controller-manager', `${programs}kube-controller-manager`, [
      `--kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${folder}/service-account.key`,
      // The API server made it for itself; what runs in Pods is to trust it.
      `--root-ca-file=${folder}/certificates/apiserver.crt`,
      '--leader-elect=false',
      // Two workers of its own race for a volume that names its claim; who loses waits for this, 15 s where nobody says.
      '--pvclaimbinder-sync-period=2s',
      '--controllers=*,-nodeipam,-cloud-node-lifecycle,-service-lb-controller,-node-route-controller',
      `--secure-port=${await freePort()}`,
      '--bind-address=127.0.0.1',
    ]);
    return {
      url,
      kubeconfig,
      kubectlProgram: `${programs}kubectl`,
      kubectl,
      must,
      api,
      start,
      readLog,
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

function apiServerWords(folder: string, etcdPort: number, address: string, port: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    `--bind-address=${address}`,
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
  await writeFile(`${folder}/tokens.csv`, `${token},admin,admin,system:masters\n`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  };
  await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
}
