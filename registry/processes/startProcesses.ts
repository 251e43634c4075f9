import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../runtime/errors.ts';
import { type RunningServer, reachable } from '../../runtime/httpServer.ts';
import type { LogLevel } from '../../runtime/log.ts';
import { sumMetrics } from '../../runtime/metrics.ts';
import type { ServeConfiguration } from '../start.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export class WorkerError extends CodedError<'WORKER_FAILED'> {}

export interface RunningProcesses extends RunningServer {
  /** Rejects when a process ends that was not told to: whoever started all then ends too, and is started again. */
  readonly broken: Promise<never>;
}

const program = fileURLToPath(new URL('./worker.ts', import.meta.url));

/**
 * Serves in several processes on one port: the kernel shares the connections out among them.
 * @throws {WorkerError} where one cannot start.
 */
export async function startProcesses(
  configuration: ServeConfiguration,
  count: number,
  logLevel: LogLevel,
): Promise<RunningProcesses> {
  const workers: ChildProcess[] = [];
  let isClosing = false;
  const { promise: broken, reject } = Promise.withResolvers<never>();
  // Whoever closes before anything breaks need not look.
  broken.catch(() => {});
  const close = async (): Promise<void> => {
    isClosing = true;
    await Promise.all(workers.map((worker) => end(worker)));
  };
  const add = async (port: number): Promise<number> => {
    const worker = fork(program, { stdio: 'inherit' });
    workers.push(worker);
    worker.once('exit', (code) => {
      if (!isClosing)
        reject(new WorkerError('WORKER_FAILED', `a process that serves ended by itself (${code})`));
    });
    return await listening(worker, { ...configuration, port }, logLevel);
  };
  try {
    // The first one finds a port where any will do.
    const port = await add(configuration.port);
    await Promise.all(Array.from({ length: count - 1 }, () => add(port)));
    for (const worker of workers) answerMetrics(worker, workers);
    const { host } = configuration;
    return { url: `http://${reachable(host)}:${port}`, host, port, broken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listening(
  worker: ChildProcess,
  configuration: ServeConfiguration,
  logLevel: LogLevel,
): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'Listening') resolve(message.port);
      if (message.kind === 'Failed') reject(new WorkerError('WORKER_FAILED', message.message));
    });
    worker.once('exit', () =>
      reject(new WorkerError('WORKER_FAILED', 'a process that serves ended at its start')),
    );
    tell(worker, { kind: 'Start', configuration, logLevel });
  });
}

/** Gives a worker the metrics of all, whenever it asks. */
function answerMetrics(worker: ChildProcess, workers: readonly ChildProcess[]): void {
  worker.on('message', (message: FromWorker) => {
    if (message.kind !== 'WantsMetrics') return;
    void Promise.all(workers.map((each) => collect(each))).then(async (all) =>
      tell(worker, { kind: 'Metrics', id: message.id, text: await sumMetrics(all) }),
    );
  });
}

let last = 0;

function collect(worker: ChildProcess): Promise<readonly object[]> {
  last += 1;
  const id = last;
  return new Promise((resolve) => {
    const take = (message: FromWorker): void => {
      if (message.kind !== 'Collected' || message.id !== id) return;
      worker.off('message', take);
      resolve(message.metrics);
    };
    worker.on('message', take);
    tell(worker, { kind: 'Collect', id });
  });
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = once(worker, 'exit');
  tell(worker, { kind: 'Stop' });
  await exit;
}

function tell(worker: ChildProcess, message: ToWorker): void {
  if (worker.connected) worker.send(message);
}
