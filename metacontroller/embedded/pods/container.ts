import type { KubeObject } from '../objects/kubeObject.ts';

/** The process of a Pod's one container, whoever started it. */
export interface Container {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The exit code, as a shell gives it: 128+n for the signal n; undefined where nobody saw it. Never rejects. */
  readonly ended: Promise<number | undefined>;
  /** Reaches all that it started, too. One that has ended is no error. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** What runs containers, as the kubelet wants it. A Pod is known by its uid. */
export interface ContainerRuntime {
  /** The Pods of which there is anything here. */
  list(): Promise<readonly string[]>;
  /** The container that was run for a Pod, in this session or an earlier one; it may have ended. */
  find(uid: string): Promise<Container | undefined>;
  /** Runs a Pod's container, unless it was run before: then gives that one. Rejects where it was not run. */
  run(pod: KubeObject): Promise<Container>;
  /** The termination message, at most 4,096 bytes of it; empty for none. */
  message(uid: string): Promise<string>;
  /** The end of what a Pod's container printed; empty for nothing. */
  logTail(pod: KubeObject): Promise<string>;
  /** Removes what there is of a Pod whose container has ended. */
  remove(uid: string): Promise<void>;
}
