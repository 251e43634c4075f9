import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { CodedError, messageOf } from '../../runtime/errors.ts';

export class ServiceError extends CodedError<'SERVICE_NOT_READY'> {}

/** How one process of the session is started. */
export interface ServiceSpec {
  readonly name: string;
  /** What Node is started with: a file and its words. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The URL that answers 200 once the process can do its work. */
  readonly ready: string;
  /** The file that takes what the process prints. */
  readonly log: string;
}

/** Milliseconds. */
const times = {
  readyWithin: 20_000,
  stopWithin: 8_000,
  pollEvery: 20,
  firstPause: 200,
  longestPause: 10_000,
};

/** Deaths before it was ever ready after which it is given up. */
const patience = 3;

/** A child process that is kept running: one that dies is started again, with a growing pause. */
export class Service {
  readonly #say: (line: string) => void;
  #spec: ServiceSpec;
  #child: ChildProcess | undefined;
  #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(spec: ServiceSpec, say: (line: string) => void) {
    this.#spec = spec;
    this.#say = say;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the process.
   * @returns when it is ready.
   * @throws {ServiceError} with the last line it printed, where it does not get there.
   */
  async start(): Promise<void> {
    this.#stopped = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#running = this.#keep(resolve, reject);
    await promise;
  }

  /** Ends the process and waits for its end; SIGKILL where SIGTERM is not heeded in time. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return await this.#running;
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), times.stopWithin);
    await this.#running;
    clearTimeout(last);
  }

  /** Stops the process and starts it with other words. */
  async replace(spec: ServiceSpec): Promise<void> {
    await this.stop();
    this.#spec = spec;
    await this.start();
  }

  async #keep(ready: () => void, failed: (error: unknown) => void): Promise<void> {
    let everReady = false;
    let pause = times.firstPause;
    for (let deaths = 1; !this.#stopped.signal.aborted; deaths++) {
      const since = Date.now();
      const end = await this.#runOnce(() => {
        everReady = true;
        ready();
      }).catch(messageOf);
      if (this.#stopped.signal.aborted) break;
      const last = await this.#lastLine();
      if (!everReady && deaths >= patience) {
        const why = `the ${this.#spec.name} does not start (${end}): ${last}; its log is ${this.#spec.log}`;
        return failed(new ServiceError('SERVICE_NOT_READY', why));
      }
      // One that ran for long starts anew with the short pause.
      pause =
        Date.now() - since > times.longestPause ? times.firstPause : Math.min(pause * 2, times.longestPause);
      if (everReady)
        this.#say(
          `the ${this.#spec.name} ended (${end}); it is started again. Its log is ${this.#spec.log}.`,
        );
      await delay(pause, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
    // Stopped before it was ready: whoever waits for that is told by the stop itself.
    ready();
  }

  async #runOnce(ready: () => void): Promise<string> {
    await mkdir(dirname(this.#spec.log), { recursive: true });
    const log = await open(this.#spec.log, 'a', 0o600);
    let child: ChildProcess;
    try {
      child = spawn(process.execPath, [...this.#spec.command], {
        env: { ...this.#spec.env },
        // The channel tells the child when this process is gone. Its own group keeps a terminal's Ctrl-C from it.
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
        detached: true,
      });
    } finally {
      await log.close();
    }
    this.#child = child;
    const gone = new AbortController();
    const ended = once(child, 'exit');
    const watched = this.#awaitReady(AbortSignal.any([gone.signal, this.#stopped.signal]), ready, () =>
      child.kill('SIGKILL'),
    );
    const [code, signal] = await ended;
    gone.abort();
    await watched;
    return signal === null ? `exit code ${String(code)}` : String(signal);
  }

  async #awaitReady(signal: AbortSignal, ready: () => void, tooLong: () => void): Promise<void> {
    const until = Date.now() + times.readyWithin;
    while (!signal.aborted) {
      if (await answers(this.#spec.ready, signal)) return ready();
      if (Date.now() > until) return tooLong();
      await delay(times.pollEvery, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The message of the last line of the log; a line of JSON is read as pino writes it. */
  async #lastLine(): Promise<string> {
    const text = await readFile(this.#spec.log, 'utf8').catch(() => '');
    const line = text.trimEnd().split('\n').at(-1) ?? '';
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && 'msg' in value) return String(value.msg);
    } catch {
      // Not JSON: the line itself is the message.
    }
    return line === '' ? 'it printed nothing' : line;
  }
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { signal, headersTimeout: 2_000, reset: true });
    await body.dump();
    return statusCode === 200;
  } catch {
    // Not listening yet.
    return false;
  }
}
