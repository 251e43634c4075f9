import type { Clock } from '../../../metacontroller/embedded/clock.ts';
import type { KubeObject } from '../../../metacontroller/embedded/objects/kubeObject.ts';
import type { Container, ContainerRuntime } from '../../../metacontroller/embedded/pods/container.ts';

/** A process that is only a thought; it outlives the runtime that started it. */
export class FakeProcess {
  readonly startedAt: number;
  readonly signals: string[] = [];
  /** What SIGTERM does; undefined has it go on. */
  onTerm: number | undefined = 143;
  message = '';
  exitCode: number | undefined;
  readonly #listeners: (() => void)[] = [];

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  end(exitCode: number, message = ''): void {
    if (this.exitCode !== undefined) return;
    this.exitCode = exitCode;
    this.message = message;
    for (const listener of this.#listeners) listener();
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.exitCode !== undefined) return;
    this.signals.push(signal);
    if (signal === 'SIGKILL') this.end(137);
    else if (this.onTerm !== undefined) this.end(this.onTerm);
  }

  async ended(): Promise<void> {
    if (this.exitCode === undefined) await new Promise<void>((resolve) => this.#listeners.push(resolve));
  }
}

/** Runs Pods as thoughts. */
export class FakeRuntime implements ContainerRuntime {
  readonly processes: Map<string, FakeProcess>;
  /** How often each Pod was run, by uid. */
  readonly runs: Map<string, number>;
  /** Names of the Pods that were run, in order. */
  readonly started: string[] = [];
  readonly removed: string[] = [];
  /** Comes before each start. */
  beforeRun: (pod: KubeObject) => Promise<void> = async () => {};
  readonly #clock: Clock;
  #killed = false;

  constructor(clock: Clock, before?: FakeRuntime) {
    this.#clock = clock;
    this.processes = before?.processes ?? new Map();
    this.runs = before?.runs ?? new Map();
  }

  /** As after kill -9: this one hears of nothing any more, and another one finds the processes. */
  restarted(clock = this.#clock): FakeRuntime {
    this.#killed = true;
    return new FakeRuntime(clock, this);
  }

  process(pod: Pick<KubeObject, 'metadata'> | undefined): FakeProcess {
    const found = this.processes.get(pod?.metadata.uid ?? '');
    if (found === undefined) throw new Error(`${pod?.metadata.name} was not run`);
    return found;
  }

  async list(): Promise<readonly string[]> {
    return [...this.processes.keys()];
  }

  async find(uid: string): Promise<Container | undefined> {
    const process = this.processes.get(uid);
    return process === undefined ? undefined : this.#container(process, false);
  }

  async run(pod: KubeObject): Promise<Container> {
    await this.beforeRun(pod);
    const { uid, name } = pod.metadata;
    const known = await this.find(uid);
    if (known !== undefined) return known;
    const process = new FakeProcess(this.#clock.now());
    this.processes.set(uid, process);
    this.runs.set(uid, (this.runs.get(uid) ?? 0) + 1);
    this.started.push(name);
    return this.#container(process, true);
  }

  async message(uid: string): Promise<string> {
    return this.processes.get(uid)?.message ?? '';
  }

  async logTail(pod: KubeObject): Promise<string> {
    return `the log of ${pod.metadata.name}`;
  }

  async remove(uid: string): Promise<void> {
    const process = this.processes.get(uid);
    if (process !== undefined && process.exitCode === undefined) throw new Error('its process runs on');
    this.processes.delete(uid);
    this.removed.push(uid);
  }

  #container(process: FakeProcess, isChild: boolean): Container {
    const ended = process.ended().then(() => {
      if (this.#killed) return new Promise<never>(() => {});
      return isChild ? process.exitCode : undefined;
    });
    const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
      if (!this.#killed) process.signal(name);
    };
    return { startedAt: process.startedAt, ended, signal };
  }
}
