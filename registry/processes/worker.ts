import { messageOf } from '../../runtime/errors.ts';
import type { RunningServer } from '../../runtime/httpServer.ts';
import { createLogger } from '../../runtime/log.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { startServe } from '../start.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** One of several processes that serve on one port: it does what it is told over the channel to its parent. */
const metrics = createMetrics();
const asked = new Map<number, (text: string) => void>();
let server: Promise<RunningServer | undefined> | undefined;
let last = 0;

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'Start':
      server = start(message);
      break;
    case 'Stop':
      void stop();
      break;
    case 'Collect':
      void metrics
        .getMetricsAsJSON()
        .then((collected) => tell({ kind: 'Collected', id: message.id, metrics: collected }));
      break;
    case 'Metrics':
      asked.get(message.id)?.(message.text);
      asked.delete(message.id);
      break;
  }
});
// A terminal's Ctrl-C reaches all processes; the parent is who decides.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => void stop());

async function start({
  configuration,
  logLevel,
}: Extract<ToWorker, { kind: 'Start' }>): Promise<RunningServer | undefined> {
  const logger = createLogger({ name: 'registry-serve', level: logLevel });
  try {
    const running = await startServe(configuration, logger, { metrics, allMetrics, isShared: true });
    tell({ kind: 'Listening', port: running.port });
    return running;
  } catch (error) {
    tell({ kind: 'Failed', message: messageOf(error) });
    return undefined;
  }
}

async function stop(): Promise<void> {
  await (await server)?.close();
  process.exit(0);
}

function allMetrics(): Promise<string> {
  return new Promise((resolve) => {
    last += 1;
    asked.set(last, resolve);
    tell({ kind: 'WantsMetrics', id: last });
  });
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
