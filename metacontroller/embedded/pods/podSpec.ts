import type { KubeObject } from '../objects/kubeObject.ts';

type Json = Readonly<Record<string, unknown>>;

const storeClaim = 'niximage-store';

/** The one container of a Pod, and what it mounts: all that a local process needs to know. */
export interface PodSpec {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly terminationMessagePath: string;
}

export interface Mount {
  readonly path: string;
  /** The part of the volume that is seen, where it is not all of it. */
  readonly subPath: string | undefined;
  readonly volume: Volume;
}

export type Volume =
  | { readonly kind: 'ConfigMap'; readonly name: string }
  | { readonly kind: 'EmptyDir'; readonly name: string }
  | { readonly kind: 'Claim'; readonly name: string }
  | { readonly kind: 'HostPath'; readonly path: string };

/** Reads what the hook wrote. @throws {TypeError} for what the stand-in cannot run. */
export function podSpec(pod: KubeObject): PodSpec {
  const spec = objectAt(pod, 'spec');
  const [container] = listAt(spec, 'containers');
  if (container === undefined) throw new TypeError(`the Pod ${pod.metadata.name} has no container`);
  const volumes = new Map(
    listAt(spec, 'volumes').map((volume) => [String(volume['name']), volumeOf(volume)]),
  );
  return {
    args: Array.isArray(container['args']) ? container['args'].map(String) : [],
    env: Object.fromEntries(
      listAt(container, 'env').map((each) => [String(each['name']), textOr(each['value'], '')]),
    ),
    mounts: listAt(container, 'volumeMounts').map((mount) => {
      const volume = volumes.get(String(mount['name']));
      if (volume === undefined)
        throw new TypeError(
          `the Pod ${pod.metadata.name} mounts no volume of its own: ${String(mount['name'])}`,
        );
      const subPath = typeof mount['subPath'] === 'string' ? mount['subPath'] : undefined;
      return { path: String(mount['mountPath']), volume, subPath };
    }),
    terminationMessagePath: textOr(container['terminationMessagePath'], '/dev/termination-log'),
  };
}

/** Milliseconds that a Pod may run; undefined for any number. */
export function deadlineOf(pod: KubeObject): number | undefined {
  const seconds = objectAt(pod, 'spec')['activeDeadlineSeconds'];
  return typeof seconds === 'number' ? seconds * 1000 : undefined;
}

/** Milliseconds between SIGTERM and SIGKILL. */
export function gracePeriodOf(pod: KubeObject): number {
  const seconds = objectAt(pod, 'spec')['terminationGracePeriodSeconds'];
  return (typeof seconds === 'number' ? seconds : 30) * 1000;
}

/** Whether the end of the log is the message of a container that failed and left none. */
export function fallsBackToLog(pod: KubeObject): boolean {
  const [container] = listAt(objectAt(pod, 'spec'), 'containers');
  return container?.['terminationMessagePolicy'] === 'FallbackToLogsOnError';
}

function volumeOf(volume: Json): Volume {
  const name = String(volume['name']);
  const { configMap, emptyDir, persistentVolumeClaim, hostPath } = volume as { [Key: string]: unknown };
  if (isObject(configMap)) return { kind: 'ConfigMap', name: String(configMap['name']) };
  // The images' own; of another one nobody knows which folder it is.
  if (isObject(persistentVolumeClaim) && persistentVolumeClaim['claimName'] === storeClaim)
    return { kind: 'Claim', name: storeClaim };
  if (isObject(emptyDir)) return { kind: 'EmptyDir', name };
  if (isObject(hostPath)) return { kind: 'HostPath', path: String(hostPath['path']) };
  throw new TypeError(`the volume ${name} is of a kind that cannot be had here`);
}

function objectAt(value: Json, name: string): Json {
  const found = value[name];
  return isObject(found) ? found : {};
}

function listAt(value: Json, name: string): Json[] {
  const found = value[name];
  return Array.isArray(found) ? found.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
