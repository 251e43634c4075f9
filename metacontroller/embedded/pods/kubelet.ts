import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasErrno, messageOf } from '../../../runtime/errors.ts';
import { type KubeObject, keyOf, timestamp } from '../objects/kubeObject.ts';
import type { ObjectStore } from '../objects/objectStore.ts';
import { logFileOf } from './logFile.ts';
import { podSpec } from './podSpec.ts';
import { endedStatus, runningStatus, waitingForPlace } from './podStatus.ts';
import { identify, isAlive, type ProcessIdentity, signalGroup } from './processIdentity.ts';
import { makeSandbox, removeSandbox, terminationFileIn } from './sandbox.ts';

export interface KubeletOptions {
  readonly store: ObjectStore;
  /** Where Pods' folders and logs are. */
  readonly state: string;
  /** The images' store; a Pod sees its namespace's tree. */
  readonly images: string;
  /** What runs a container's arguments. */
  readonly command: readonly string[];
  /** What every builder gets beside what its Pod says. */
  readonly environment: Readonly<Record<string, string>>;
  /** Most Pods that run at once. */
  readonly builds: number;
}

/** Where a running Pod's process is noted, so that a later session finds it. */
const processAnnotation = 'niximage.local/process';
const messageLimit = 4096;
const finalizer = 'niximage.local/process';
/** A process of an earlier session is no child of this one, so its end is no event. */
const adoptedPollMilliseconds = 200;

interface Running {
  readonly pid: number;
  /** Set before the process is ended for a reason of the Pod's. */
  podReason?: string;
  readonly done: Promise<void>;
}

/** Plays scheduler and kubelet: runs each Pod's container as a process of this machine, and writes the Pod's status. */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #running = new Map<string, Running>();
  readonly #unwatch: () => void;
  readonly #starting = new Set<string>();
  readonly #deleting = new Set<string>();
  #closed = false;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#unwatch = options.store.watch(({ type, object }) => {
      if (object.kind === 'Pod' && type !== 'Deleted') this.#look();
    });
  }

  /** Finds what became of the Pods that ran when the last session ended, then starts what waits. */
  async start(): Promise<void> {
    for (const pod of this.#options.store.list('Pod')) await this.#recover(pod);
    this.#look();
  }

  /** Ends what runs, as a deletion would, and waits for it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    await Promise.all([...this.#running.values()].map((running) => this.#end(running, 5)));
  }

  #look(): void {
    if (this.#closed) return;
    const pods = this.#options.store.list('Pod').sort((one, other) => versionOf(one) - versionOf(other));
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp !== undefined) void this.#delete(pod);
      else if (phaseOf(pod) === 'Pending') void this.#schedule(pod);
    }
  }

  async #schedule(pod: KubeObject): Promise<void> {
    const name = nameOf(pod);
    if (this.#running.has(name) || this.#starting.has(name)) return;
    const busy = this.#running.size + this.#starting.size;
    if (busy >= this.#options.builds) {
      if (pod['status'] === undefined) await this.#write(pod, waitingForPlace(busy));
      return;
    }
    this.#starting.add(name);
    try {
      await this.#run(pod);
    } catch (error) {
      const now = timestamp();
      const message = `the Pod cannot be started: ${messageOf(error)}`;
      await this.#write(pod, endedStatus({ exitCode: 128, startedAt: now, finishedAt: now, message }));
    } finally {
      this.#starting.delete(name);
    }
  }

  async #run(pod: KubeObject): Promise<void> {
    const { store, images, command, environment } = this.#options;
    const { namespace } = pod.metadata;
    const spec = podSpec(pod);
    const sandbox = await makeSandbox(spec, {
      folder: this.#folder(pod),
      claim: join(images, namespace),
      configMap: (name) => store.get({ kind: 'ConfigMap', namespace, name }),
    });
    const log = logFileOf(this.#options.state, namespace, pod.metadata.name);
    await mkdir(dirname(log), { recursive: true });
    const [program = process.execPath, ...words] = command;
    const output = openSync(log, 'a', 0o600);
    const child = spawn(program, [...words, ...sandbox.args], {
      env: { ...environment, ...sandbox.env },
      // Its own group, so that it outlives this process and can be ended with all that it starts.
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15)));
    });
    const { pid } = child;
    if (pid === undefined) return void (await exited);
    const startedAt = timestamp();
    const identity = await identify(pid);
    const running: Running = { pid, done: this.#await(pod, startedAt, exited) };
    this.#running.set(nameOf(pod), running);
    const updated = await store.update(keyOf(pod), (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        finalizers: [finalizer],
        annotations: {
          ...object.metadata.annotations,
          [processAnnotation]: JSON.stringify(identity ?? { pid }),
        },
      },
      status: runningStatus(startedAt),
    }));
    // Deleted while it was being started.
    if (updated === undefined) await this.#end(running, spec.gracePeriod);
    else if (spec.deadline !== undefined) this.#limit(nameOf(pod), spec.deadline, spec.gracePeriod);
  }

  #limit(name: string, seconds: number, gracePeriod: number): void {
    const timer = setTimeout(() => {
      const running = this.#running.get(name);
      if (running === undefined) return;
      running.podReason = 'DeadlineExceeded';
      void this.#end(running, gracePeriod);
    }, seconds * 1000);
    timer.unref();
  }

  /** Writes how a Pod ended, once its process has. */
  async #await(pod: KubeObject, startedAt: string, exited: Promise<number>): Promise<void> {
    const exitCode = await exited;
    const name = nameOf(pod);
    const podReason = this.#running.get(name)?.podReason;
    this.#running.delete(name);
    await this.#writeEnd(pod, startedAt, exitCode, podReason);
    this.#look();
  }

  async #writeEnd(pod: KubeObject, startedAt: string, exitCode: number, podReason?: string): Promise<void> {
    const message = await readMessage(terminationFileIn(this.#folder(pod)));
    const ended = { exitCode, startedAt, finishedAt: timestamp(), message };
    await this.#write(pod, endedStatus({ ...ended, ...(podReason === undefined ? {} : { podReason }) }));
  }

  /** A Pod that ran in an earlier session: its process runs on, or ended with a message, or without one. */
  async #recover(pod: KubeObject): Promise<void> {
    if (phaseOf(pod) !== 'Running') return;
    const identity = parseIdentity(pod.metadata.annotations?.[processAnnotation]);
    const startedAt = startOf(pod);
    const alive = identity !== undefined && (await isAlive(identity));
    if (!alive) return await this.#writeEnd(pod, startedAt, await this.#exitCodeOf(pod));
    const gone = (async () => {
      while (await isAlive(identity)) await delay(adoptedPollMilliseconds);
      return await this.#exitCodeOf(pod);
    })();
    this.#running.set(nameOf(pod), { pid: identity.pid, done: this.#await(pod, startedAt, gone) });
  }

  /** Nobody saw the process end; its message says whether all went well, and a killed one left none. */
  async #exitCodeOf(pod: KubeObject): Promise<number> {
    const message = await readMessage(terminationFileIn(this.#folder(pod)));
    if (message === '') return 137;
    return message.includes('"result":"Built"') ? 0 : 1;
  }

  async #delete(pod: KubeObject): Promise<void> {
    if (this.#deleting.has(pod.metadata.uid)) return;
    this.#deleting.add(pod.metadata.uid);
    const running = this.#running.get(nameOf(pod));
    if (running !== undefined) await this.#end(running, podSpec(pod).gracePeriod);
    await removeSandbox(this.#folder(pod));
    await this.#options.store.update(keyOf(pod), (object) => ({
      ...object,
      metadata: { ...object.metadata, finalizers: [] },
    }));
    this.#deleting.delete(pod.metadata.uid);
  }

  async #end({ pid, done }: Running, gracePeriod: number): Promise<void> {
    signalGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), gracePeriod * 1000);
    await done;
    clearTimeout(timer);
  }

  async #write(pod: KubeObject, status: unknown): Promise<void> {
    await this.#options.store.update(keyOf(pod), (object) =>
      object.metadata.uid === pod.metadata.uid ? { ...object, status } : object,
    );
  }

  #folder(pod: KubeObject): string {
    return join(this.#options.state, 'pods', pod.metadata.uid);
  }
}

async function readMessage(path: string): Promise<string> {
  try {
    return (await readFile(path)).subarray(0, messageLimit).toString('utf8').trim();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

function parseIdentity(text: string | undefined): ProcessIdentity | undefined {
  // Written by this file.
  const value = text === undefined ? undefined : (JSON.parse(text) as Partial<ProcessIdentity>);
  const { pid, startTime } = value ?? {};
  return pid === undefined || startTime === undefined ? undefined : { pid, startTime };
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function versionOf({ metadata }: KubeObject): number {
  return Date.parse(metadata.creationTimestamp);
}

function phaseOf(pod: KubeObject): string {
  const status = pod['status'];
  const phase = typeof status === 'object' && status !== null ? Reflect.get(status, 'phase') : undefined;
  return typeof phase === 'string' ? phase : 'Pending';
}

function startOf(pod: KubeObject): string {
  const status = pod['status'];
  const time = typeof status === 'object' && status !== null ? Reflect.get(status, 'startTime') : undefined;
  return typeof time === 'string' ? time : pod.metadata.creationTimestamp;
}
