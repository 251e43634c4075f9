import { cp, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { kubernetesPrograms } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import type { Images } from './images.ts';
import { applyMetacontrollerDefinitions, metacontrollerManifest } from './metacontroller.ts';
import { nodeAddress, nodeName, startNode, type WorkerNode } from './node.ts';
import { until } from './processes.ts';

/** Set by scripts/cluster.mjs, which makes it, and runs this process in namespaces of its own. */
const controlGroup = process.env['NIXIMAGE_TEST_CONTROL_GROUP'];
const preparedFile = process.env['NIXIMAGE_TEST_PREPARED'];

/** Why there is no node here; false where there is one. */
export const noNode =
  controlGroup === undefined ? 'npm run test:cluster makes the namespaces for a node' : false;

const manifests = fileURLToPath(new URL('../../../metacontroller/manifests/', import.meta.url));

/** A cluster with a node, on which NixImage is installed from the project's own manifests. */
export interface Site extends Cluster {
  readonly node: WorkerNode;
  /** The overlay that was applied, to be changed and applied again. */
  readonly overlay: string;
  /** The volume, as a folder of this machine. */
  readonly volume: string;
}

/** Does what docs/cluster.md says, in its order. */
export async function startSite(): Promise<Site> {
  const cluster = await startCluster({ address: nodeAddress, inMemory: true });
  try {
    const images: Images = JSON.parse(await readFile(preparedFile ?? '', 'utf8'));
    await writeFile(`${cluster.folder}/resolv.conf`, `nameserver ${nodeAddress}\nsearch svc.cluster.local\n`);
    const node = await startNode({
      cluster,
      programs: await kubernetesPrograms(),
      imagesFile: images.file,
      sandboxImage: images.names.sandbox,
      controlGroup: controlGroup ?? '',
    });
    const volume = `${cluster.folder}/volume`;
    await execa('install', ['-d', '-o', '1000', '-g', '1000', '-m', '2770', volume]);
    await applyMetacontrollerDefinitions(cluster);
    await cluster.must(['apply', '-f', '-'], metacontrollerManifest(images.names.metacontroller));
    const overlay = await writeOverlay(cluster.folder, volume);
    const site = { ...cluster, node, overlay, volume };
    await install(site);
    return site;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** The overlay of one node's disk, with the settings that a person changes in it. */
async function writeOverlay(folder: string, volume: string): Promise<string> {
  await cp(manifests, `${folder}/manifests`, { recursive: true });
  const overlay = `${folder}/manifests/overlays/single-node`;
  const settings = {
    NIXIMAGE_VOLUME_NODE: nodeName,
    NIXIMAGE_VOLUME_PATH: volume,
    // There is no nixpkgs here: the offline package set, in the builders' own image, takes its place.
    NIXIMAGE_NIXPKGS: '/niximage/.cache/packages',
    NIXIMAGE_PACKAGE_SET: 'demo',
    // Nobody is asked who cannot be reached: that is four seconds of each build.
    NIXIMAGE_BUILDER_NIX_CONFIG: 'substituters =',
    NIXIMAGE_ALLOW: 'default,missing/secrets',
    // What this node has is shared with others.
    NIXIMAGE_BUILDER_CPU: '100m',
    NIXIMAGE_BUILDER_MEMORY: '1Gi',
    NIXIMAGE_BUILDER_STORAGE: '1Gi',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(`${overlay}/settings.env`, lines.join(''));
  return overlay;
}

async function install(site: Site): Promise<void> {
  await site.must(['apply', '--server-side', '-k', site.overlay]);
  await untilAvailable(site);
}

/** Until every part has the Pods it needs. */
async function untilAvailable(site: Site): Promise<void> {
  const parts = ['niximage-hook', 'niximage-keeper', 'niximage-registry'];
  await until(
    async () => {
      const rows = parts.map((part) => `deployment/${part}`);
      const words = ['wait', '--for=condition=Available', '--timeout=5s', '-n', 'niximage-system', ...rows];
      return (await site.kubectl(words)).exitCode === 0;
    },
    180_000,
    async () => (await site.kubectl(['get', 'pods,events', '-A'])).stdout,
  );
}
