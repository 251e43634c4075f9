import { messageOf } from '../../../runtime/errors.ts';
import type { Clock } from '../clock.ts';
import { addFinalizer, dropFinalizer, isTerminating } from '../objects/finalizers.ts';
import { type KubeObject, keyOf, type ObjectEvent, parseKey, textOf } from '../objects/kubeObject.ts';
import type { ObjectStore } from '../objects/objectStore.ts';
import { WorkQueue } from '../workQueue.ts';
import type { Container, ContainerRuntime } from './container.ts';
import { deadlineOf, fallsBackToLog, gracePeriodOf } from './podSpec.ts';
import { endedStatus, hasEnded, runningStatus, waitingForPlace } from './podStatus.ts';
import { RunningPod } from './runningPod.ts';
import { type Known, stepOf } from './step.ts';
import { exitCodeFrom } from './terminationMessage.ts';

export interface KubeletOptions {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly runtime: ContainerRuntime;
  /** Most Pods that run at once. */
  readonly builds: number;
  /** Told once of what cannot be done; it is tried again and again. */
  readonly tell: (sentence: string) => void;
}

/** Keeps a Pod from going before its process has. */
const finalizer = 'niximage.local/process';
/** The exit code of a container that could not be started, as Docker has it. */
const notStarted = 128;
/** Milliseconds that a builder has to end when the session does, or when its Pod is gone. */
const closingGracePeriod = 5_000;

/**
 * Plays scheduler and kubelet: gives Pods places, first come first served, runs each Pod's container once, and writes
 * the Pod's status. Each Pod is looked at whenever it changes, and brought one step further; a step that fails is
 * tried again.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #queue: WorkQueue;
  #unwatch = (): void => {};
  /** By uid, as the next: Pods whose containers run, or ended where that is not written yet. */
  readonly #running = new Map<string, RunningPod>();
  readonly #places = new Set<string>();
  #closed = false;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: options.clock,
      work: (name) => this.#sync(name),
      failed: (name, error, before) => {
        if (before === 0) options.tell(`${name} cannot be brought further for now: ${messageOf(error)}`);
      },
    });
  }

  /** Takes over what the last session left running, ends what has no Pod any more, then starts what waits. */
  async start(): Promise<void> {
    const { store, runtime } = this.#options;
    const pods = new Map(store.list('Pod').map((pod) => [pod.metadata.uid, pod]));
    await Promise.all((await runtime.list()).map((uid) => this.#takeOver(uid, pods.get(uid))));
    this.#unwatch = store.watch((event) => this.#changed(event));
    this.#admit();
    for (const pod of store.list('Pod')) this.#queue.add(textOf(keyOf(pod)));
  }

  /** Waits until every Pod is as far as it comes for now. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Ends what runs, waits for it, and writes how it ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    await Promise.all([this.#queue.close(), this.#endAll()]);
    // Those that were just being started.
    await this.#endAll();
    for (const pod of this.#options.store.list('Pod'))
      await this.#tellEnd(pod).catch((error: unknown) =>
        this.#options.tell(`how the Pod ${pod.metadata.name} ended cannot be written: ${messageOf(error)}`),
      );
  }

  async #endAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.end(closingGracePeriod)));
  }

  async #takeOver(uid: string, pod: KubeObject | undefined): Promise<void> {
    const { runtime, clock, tell } = this.#options;
    const container = await runtime.find(uid);
    if (pod !== undefined) {
      if (container !== undefined && !hasEnded(pod)) this.#register(pod, container);
      return;
    }
    const limits = { deadline: undefined, gracePeriod: closingGracePeriod };
    if (container !== undefined)
      await new RunningPod(container, limits, clock, () => {}).end(closingGracePeriod);
    await runtime
      .remove(uid)
      .catch((error: unknown) => tell(`the folder of a Pod that is gone: ${messageOf(error)}`));
  }

  #register(pod: KubeObject, container: Container): void {
    const { uid } = pod.metadata;
    const name = textOf(keyOf(pod));
    const limits = { deadline: deadlineOf(pod), gracePeriod: gracePeriodOf(pod) };
    const running = new RunningPod(container, limits, this.#options.clock, () => {
      this.#leave(uid);
      this.#queue.add(name);
    });
    this.#places.add(uid);
    this.#running.set(uid, running);
    this.#queue.add(name);
  }

  #changed({ type, object }: ObjectEvent): void {
    if (object.kind !== 'Pod') return;
    if (type === 'Deleted') return this.#leave(object.metadata.uid);
    this.#admit();
    this.#queue.add(textOf(keyOf(object)));
  }

  /** Gives the free places to the Pods that came first. */
  #admit(): void {
    for (const pod of this.#options.store.list('Pod')) {
      if (this.#closed || this.#places.size >= this.#options.builds) return;
      if (stepOf(pod, { ...this.#known(pod), hasPlace: true }) !== 'Start') continue;
      this.#places.add(pod.metadata.uid);
      this.#queue.add(textOf(keyOf(pod)));
    }
  }

  #leave(uid: string): void {
    this.#places.delete(uid);
    this.#admit();
  }

  #known({ metadata: { uid } }: KubeObject): Known {
    const running = this.#running.get(uid);
    const container = running === undefined ? 'None' : running.exit === undefined ? 'Runs' : 'Ended';
    return { hasPlace: this.#places.has(uid), container };
  }

  async #sync(name: string): Promise<void> {
    const pod = this.#options.store.get(parseKey(name));
    if (pod === undefined) return;
    switch (stepOf(pod, this.#known(pod))) {
      case 'Delete':
        return await this.#delete(pod);
      case 'Start':
        return await this.#start(pod);
      case 'TellEnd':
        return await this.#tellEnd(pod);
      case 'TellRunning':
        return await this.#tellRunning(pod);
      case 'TellWaiting':
        return await this.#write(pod, waitingForPlace(this.#options.builds));
      case 'Nothing':
        return;
    }
  }

  async #start(pod: KubeObject): Promise<void> {
    const { store, runtime } = this.#options;
    const bound = await store.update(keyOf(pod), (object) => addFinalizer(object, finalizer));
    // Deleted, or to be deleted, meanwhile: that is another step.
    if (bound === undefined || isTerminating(bound) || this.#closed) return;
    try {
      this.#register(bound, await runtime.run(bound));
    } catch (error) {
      const container = await runtime.find(pod.metadata.uid);
      if (container === undefined) await this.#tellNotStarted(bound, error);
      else this.#register(bound, container);
    }
  }

  async #tellRunning(pod: KubeObject): Promise<void> {
    const running = this.#running.get(pod.metadata.uid);
    if (running !== undefined) await this.#write(pod, runningStatus(running.startedAt));
  }

  async #tellNotStarted(pod: KubeObject, error: unknown): Promise<void> {
    const now = this.#options.clock.now();
    const message = `the Pod cannot be started: ${messageOf(error)}`;
    const ended = { exitCode: notStarted, startedAt: now, finishedAt: now, message, reason: undefined };
    await this.#write(pod, endedStatus(ended));
    this.#leave(pod.metadata.uid);
  }

  async #tellEnd(pod: KubeObject): Promise<void> {
    const { uid } = pod.metadata;
    const exit = this.#running.get(uid)?.exit;
    if (exit === undefined) return;
    const { runtime } = this.#options;
    const written = await runtime.message(uid);
    const exitCode = exit.exitCode ?? exitCodeFrom(written);
    const fallsBack = written === '' && exitCode !== 0 && fallsBackToLog(pod);
    const message = fallsBack ? await runtime.logTail(pod) : written;
    await this.#write(pod, endedStatus({ ...exit, exitCode, message }));
    this.#running.delete(uid);
  }

  async #delete(pod: KubeObject): Promise<void> {
    const { store, runtime } = this.#options;
    await this.#running.get(pod.metadata.uid)?.end(gracePeriodOf(pod));
    await this.#tellEnd(pod);
    await runtime.remove(pod.metadata.uid);
    await store.update(keyOf(pod), (object) => dropFinalizer(object, finalizer));
  }

  async #write(pod: KubeObject, status: unknown): Promise<void> {
    await this.#options.store.update(keyOf(pod), (object) => ({ ...object, status }));
  }
}
