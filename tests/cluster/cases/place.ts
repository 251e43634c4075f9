import { writeFile } from 'node:fs/promises';
import { inputHash } from '../../../hooks/inputHash.ts';
import type { KubeObject } from '../support/apiClient.ts';
import type { Cluster } from '../support/cluster.ts';
import { until } from '../support/processes.ts';
import type { Site } from '../support/site.ts';

/** The cheapest image there is: a script, and the shell that it names. */
export const small = { tag: 'v1', contents: ['"my.pkg"'], defaults: false } as const;

/** The input hash of that. */
export const smallHash = inputHash({ ...small, contents: [...small.contents] }, 'demo');

/** Makes a namespace that may have images, for the cases of one file: what others do is not seen in it. */
export async function makePlace(site: Cluster, namespace: string): Promise<void> {
  const metadata = { name: namespace, labels: { 'k8s.nixos.org/images': 'enabled' } };
  await site.api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  await untilBound(site, namespace);
}

/** Labels a namespace, and waits for its volume. */
export async function enable(site: Cluster, namespace: string): Promise<void> {
  await site.must(['label', 'namespace', namespace, 'k8s.nixos.org/images=enabled']);
  await untilBound(site, namespace);
}

/** The claim of a namespace that may have images, where it is there. */
export function claimOf({ api }: Cluster, namespace: string): Promise<KubeObject | undefined> {
  return api.find(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/niximage-store`);
}

export async function untilBound(site: Cluster, namespace: string): Promise<void> {
  await until(
    async () => (await claimOf(site, namespace))?.status?.['phase'] === 'Bound',
    60_000,
    () => site.must(['get', 'namespaces,pvc,pv,events', '-A']),
  );
}

/**
 * Names of all Pods of the image that were ever given a node, also of those that are gone: the cluster keeps an event
 * of each for an hour. One that was made twice is named twice.
 */
export async function podsEver(site: Site, namespace: string, image: string): Promise<string[]> {
  const selector = encodeURIComponent('involvedObject.kind=Pod,reason=Scheduled');
  const events = await site.api.get<{
    readonly items: readonly { readonly involvedObject: { readonly name: string; readonly uid: string } }[];
  }>(`/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`);
  const names = new Map(events.items.map(({ involvedObject: { uid, name } }) => [uid, name]));
  const ours = new RegExp(`^${image}-[0-9a-f]{10}-[0-9]+$`);
  return [...names.values()].filter((name) => ours.test(name)).sort();
}

/** What keeps a build waiting until the test lets it go on. */
export interface Gate {
  /** The image's `extraCommands`. */
  readonly commands: string;
  open(): Promise<void>;
}

/** The builder sees its namespace's folder of the volume, and the test sees it too. */
export function gateIn(site: Site, namespace: string, name: string): Gate {
  const file = `gate-${name}`;
  return {
    commands: `until test -e /niximage/store/${file}; do sleep 0.1; done\n`,
    open: () => writeFile(`${site.volume}/${namespace}/${file}`, ''),
  };
}
