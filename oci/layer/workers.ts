import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { LayerError } from './errors.ts';
import type { LayerJob } from './job.ts';
import type { PackedLayer } from './pack.ts';
import type { WorkerMessage } from './worker.ts';

/**
 * What a thread leaves behind are buffers, which are large, beside few small objects. It is the small ones that make V8
 * collect; with its usual 48 MB of room for them a thread would hold 60 MB of dead buffers.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

/** Threads that write layers, one layer a thread at a time. They start with the first job and end with `close`. */
export class LayerWorkers {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #waiting = new Set<() => void>();
  readonly #most: number;

  /** @param most threads at once; by default two, or one where there is one core. */
  constructor(most: number = Math.min(2, availableParallelism())) {
    this.#most = most;
  }

  /**
   * @param onRead told a few times a second how many bytes of the tar were read.
   * @throws {LayerError} what went wrong in the thread; the signal's reason after an abort.
   */
  async write(
    job: LayerJob,
    signal: AbortSignal,
    onRead: (bytes: number) => void = () => {},
  ): Promise<PackedLayer> {
    const worker = await this.#take(signal);
    // A thread in the middle of a file listens to nothing: it is ended, and a new one takes its place.
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      worker.ref();
      worker.postMessage(job);
      const answer = await answerOf(worker, onRead);
      signal.throwIfAborted();
      return layerOf(answer);
    } finally {
      signal.removeEventListener('abort', stop);
      if (!signal.aborted) this.#give(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  /** @throws the signal's reason; a thread that comes free at that very moment goes to the next who waits. */
  async #take(signal: AbortSignal): Promise<Worker> {
    for (;;) {
      if (signal.aborted) this.#wakeNext();
      signal.throwIfAborted();
      const idle = this.#idle.pop();
      if (idle !== undefined) return idle;
      if (this.#all.size < this.#most) return this.#start();
      await this.#turn(signal);
    }
  }

  /** Until a thread comes free, or the signal is aborted. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }

  /** Whoever has waited longest looks again whether a thread is free. */
  #wakeNext(): void {
    if (this.#idle.length === 0 && this.#all.size >= this.#most) return;
    const [wake] = this.#waiting;
    if (wake === undefined) return;
    this.#waiting.delete(wake);
    wake();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits });
    this.#all.add(worker);
    worker.on('error', () => {});
    worker.once('exit', () => {
      this.#all.delete(worker);
      this.#wakeNext();
    });
    worker.unref();
    return worker;
  }

  #give(worker: Worker): void {
    if (!this.#all.has(worker)) return;
    worker.unref();
    this.#idle.push(worker);
    this.#wakeNext();
  }
}

type Answer = Exclude<WorkerMessage, { readonly kind: 'Read' }>;

/** What the thread says at its job's end; undefined where it ended without a word. */
function answerOf(worker: Worker, onRead: (bytes: number) => void): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const end = (answer: Answer | undefined): void => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      resolve(answer);
    };
    const onMessage = (message: WorkerMessage): void => {
      if (message.kind === 'Read') onRead(message.bytes);
      else end(message);
    };
    const onExit = (): void => end(undefined);
    worker.on('message', onMessage);
    worker.on('exit', onExit);
  });
}

function layerOf(answer: Answer | undefined): PackedLayer {
  if (answer === undefined)
    throw new LayerError('WRITE_FAILED', 'the thread that wrote a layer ended before its time; try again');
  if (answer.kind === 'Done') return answer.layer;
  if (answer.code === 'CHANGED') throw new LayerError('CHANGED', answer.message);
  throw new LayerError('WRITE_FAILED', `a layer could not be written: ${answer.message}`, {
    cause: Object.assign(new Error(answer.message), { code: answer.code }),
  });
}
