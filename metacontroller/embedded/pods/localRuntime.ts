import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { hasErrno } from '../../../runtime/errors.ts';
import type { Clock } from '../clock.ts';
import type { KubeObject } from '../objects/kubeObject.ts';
import type { ObjectStore } from '../objects/objectStore.ts';
import type { Container, ContainerRuntime } from './container.ts';
import { logFileOf } from './logFile.ts';
import { podSpec } from './podSpec.ts';
import { isAlive, type ProcessRecord, readRecord, recordFileIn, recordingScript } from './processRecord.ts';
import { makeSandbox, removeSandbox, type Sandbox, terminationFileIn } from './sandbox.ts';
import { readLogTail, readMessage } from './terminationMessage.ts';

export interface LocalRuntimeOptions {
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** Where Pods' folders and logs are. */
  readonly state: string;
  /** The images' store; a Pod sees its namespace's tree. */
  readonly images: string;
  /** What runs a container's arguments. */
  readonly command: readonly string[];
  /** What every builder gets beside what its Pod says; read anew for each. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Spawned {
  readonly pid: number | undefined;
  readonly ended: Promise<number>;
  /** Resolves when it is decided whether this is the Pod's process. */
  readonly recorded: Promise<void>;
}

/** Milliseconds: a process of an earlier session is no child of this one, so its end is no event. */
const lookEvery = 200;

/** Runs each Pod's container as a process of this machine, in a process group of its own, with a folder in `pods`. */
export class LocalRuntime implements ContainerRuntime {
  readonly #options: LocalRuntimeOptions;

  constructor(options: LocalRuntimeOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder(''));
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  async find(uid: string): Promise<Container | undefined> {
    const record = await readRecord(this.#folder(uid));
    return record === undefined ? undefined : this.#adopt(record);
  }

  async run(pod: KubeObject): Promise<Container> {
    const { uid, namespace } = pod.metadata;
    const { store, images } = this.#options;
    const folder = this.#folder(uid);
    const sandbox = await makeSandbox(podSpec(pod), {
      folder,
      claim: join(images, namespace),
      configMap: (name) => store.get({ kind: 'ConfigMap', namespace, name }),
    });
    const { pid, ended, recorded } = await this.#spawn(pod, folder, sandbox);
    await recorded;
    const record = await readRecord(folder);
    if (record === undefined)
      throw new Error(`no process could be recorded in ${folder}; the Pod's log may tell why`);
    if (record.pid !== pid) return this.#adopt(record);
    return new LocalContainer(record, ended);
  }

  message(uid: string): Promise<string> {
    return readMessage(terminationFileIn(this.#folder(uid)));
  }

  logTail(pod: KubeObject): Promise<string> {
    return readLogTail(this.#log(pod));
  }

  remove(uid: string): Promise<void> {
    return removeSandbox(this.#folder(uid));
  }

  async #spawn(pod: KubeObject, folder: string, sandbox: Sandbox): Promise<Spawned> {
    const { command, environment } = this.#options;
    const log = this.#log(pod);
    await mkdir(dirname(log), { recursive: true });
    await using output = await open(log, 'a', 0o600);
    const words = ['-c', recordingScript, 'sh', recordFileIn(folder), ...command, ...sandbox.args];
    const child = spawn('/bin/sh', words, {
      env: { ...environment, ...sandbox.env },
      // Its own group, so that it outlives this process and can be ended with all that it starts.
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'pipe'],
    });
    // Listened to at once: it may end before anything else is done here.
    return { pid: child.pid, ended: exitCodeOf(child), recorded: isRecorded(child) };
  }

  #adopt(record: ProcessRecord): Container {
    return new LocalContainer(record, this.#untilGone(record));
  }

  async #untilGone(record: ProcessRecord): Promise<undefined> {
    while (isAlive(record))
      await new Promise<void>((resolve) => this.#options.clock.later(lookEvery, resolve));
  }

  #log({ metadata }: KubeObject): string {
    return logFileOf(this.#options.state, metadata.namespace, metadata.name);
  }

  #folder(uid: string): string {
    return join(this.#options.state, 'pods', uid);
  }
}

class LocalContainer implements Container {
  readonly startedAt: number;
  readonly ended: Container['ended'];
  readonly #record: ProcessRecord;

  constructor(record: ProcessRecord, ended: Container['ended']) {
    this.startedAt = record.startedAt;
    this.ended = ended;
    this.#record = record;
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (isAlive(this.#record)) signalGroup(this.#record.pid, signal);
  }
}

/** Waits for the script's decision, which it tells by closing descriptor 3. A shell that is not there records nothing. */
async function isRecorded(child: ChildProcess): Promise<void> {
  const [, , , decision] = child.stdio;
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    decision?.once('close', resolve).on('error', () => {});
    if (decision !== null && decision !== undefined && 'resume' in decision) decision.resume();
  });
}

async function exitCodeOf(child: ChildProcess): Promise<number> {
  return await new Promise<number>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It ended just now.
    if (!hasErrno(error, 'ESRCH') && !hasErrno(error, 'EPERM')) throw error;
  }
}
