import { mkdir, writeFile } from 'node:fs/promises';
import type { Cluster } from './cluster.ts';
import { type Containerd, startContainerd } from './containerd.ts';
import { kubeRouterProgram, kubeRouterWords } from './kubeRouter.ts';
import { startNameServer } from './nameServer.ts';
import { type Process, until } from './processes.ts';

/** The address of the node, and of the API server on it; a bridge of its own has it. */
export const nodeAddress = '192.168.250.1';

/** The only node, by its name. */
export const nodeName = 'node-1';

/** Where Debian's containernetworking-plugins puts them. */
const plugins = '/usr/lib/cni';
const podRange = '10.244.0.0/16';

export interface WorkerNode {
  /** Stops and starts the kubelet, as a node does whose kubelet is updated. */
  restartKubelet(): Promise<void>;
  /** Does something while the kubelet is away, and what it started runs on: so it looks when a node is lost. */
  withoutKubelet(work: () => Promise<void>): Promise<void>;
}

export interface NodeOptions {
  readonly cluster: Cluster;
  /** Folder of Kubernetes' programs, with a slash at its end. */
  readonly programs: string;
  /** The images that are on the node from the beginning: a file of `packImages`. */
  readonly imagesFile: string;
  readonly sandboxImage: string;
  /** Below this control group the kubelet makes those of Pods; the caller makes it and takes it away. */
  readonly controlGroup: string;
}

/**
 * Makes this network namespace a node of the cluster: scheduler, containerd, kubelet, kube-proxy in iptables mode, and
 * a name server for Services. What it mounts and adds goes with the namespaces that the caller runs in.
 */
export async function startNode(options: NodeOptions): Promise<WorkerNode> {
  const { cluster, programs } = options;
  const { socket } = await startRuntime(options);
  await startNameServer(cluster, nodeAddress);
  cluster.start('kube-scheduler', `${programs}kube-scheduler`, [
    `--kubeconfig=${cluster.kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ]);
  await startKubeProxy(options);
  let kubelet = await startKubelet(options, socket);
  await until(
    () => isNodeReady(cluster),
    60_000,
    () => cluster.readLog('kubelet'),
  );
  if (kubeRouterProgram !== undefined)
    cluster.start('kube-router', kubeRouterProgram, kubeRouterWords(cluster.kubeconfig, nodeName));
  const withoutKubelet = async (work: () => Promise<void>): Promise<void> => {
    await kubelet.stop();
    try {
      await work();
    } finally {
      kubelet = await startKubelet(options, socket);
    }
  };
  return { withoutKubelet, restartKubelet: () => withoutKubelet(async () => {}) };
}

async function isNodeReady({ api }: Cluster): Promise<boolean> {
  const node = await api.find<{
    readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
  }>(`/api/v1/nodes/${nodeName}`);
  return node?.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

async function startRuntime({ cluster, imagesFile, sandboxImage }: NodeOptions): Promise<Containerd> {
  const folder = `${cluster.folder}/containerd`;
  for (const part of ['cni', 'certs.d']) await mkdir(`${folder}/${part}`, { recursive: true });
  const network = {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      // Point to point: each packet between Pods passes the node's own rules.
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: `${folder}/addresses`,
          ranges: [[{ subnet: podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  await writeFile(`${folder}/cni/10-pods.conflist`, JSON.stringify(network));
  return await startContainerd({
    folder,
    images: imagesFile,
    plugins: `[plugins."io.containerd.grpc.v1.cri"]
  # A container on a machine without CAP_SYS_RESOURCE may not lower its score.
  restrict_oom_score_adj = true
  sandbox_image = "${sandboxImage}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${plugins}"
    conf_dir = "${folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${folder}/certs.d"
`,
    run: (words) => cluster.start('containerd', 'containerd', words),
    readLog: () => cluster.readLog('containerd'),
  });
}

async function startKubeProxy({ cluster, programs }: NodeOptions): Promise<void> {
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: podRange,
    clientConnection: { kubeconfig: cluster.kubeconfig },
    hostnameOverride: nodeName,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    conntrack: { maxPerCore: 0, min: 0 },
  };
  await writeFile(`${cluster.folder}/kube-proxy.json`, JSON.stringify(configuration));
  cluster.start('kube-proxy', `${programs}kube-proxy`, [`--config=${cluster.folder}/kube-proxy.json`]);
}

async function startKubelet(
  { cluster, programs, controlGroup }: NodeOptions,
  socket: string,
): Promise<Process> {
  const configuration = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: nodeAddress,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${controlGroup}`,
    clusterDNS: [nodeAddress],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${socket}`,
    evictionHard: { 'memory.available': '1%', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    failCgroupV1: false,
    failSwapOn: false,
    healthzPort: 0,
    resolvConf: '',
    registryPullQPS: 0,
    serializeImagePulls: false,
    // What a Pod takes of its volumes is looked up that often.
    volumeStatsAggPeriod: '2s',
    podLogsDir: `${cluster.logs}/pods`,
    volumePluginDir: `${cluster.folder}/volume-plugins`,
  };
  await writeFile(`${cluster.folder}/kubelet.json`, JSON.stringify(configuration));
  return cluster.start('kubelet', `${programs}kubelet`, [
    `--config=${cluster.folder}/kubelet.json`,
    `--kubeconfig=${cluster.kubeconfig}`,
    `--root-dir=${cluster.folder}/kubelet`,
    `--cert-dir=${cluster.folder}/kubelet-certificates`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${nodeAddress}`,
  ]);
}
