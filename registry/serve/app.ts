import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import type { Front, Handler } from '../../runtime/httpServer.ts';
import type { Logger } from '../../runtime/log.ts';
import { createMetrics, httpMetrics, measured, type Registry } from '../../runtime/metrics.ts';
import { createHealth } from '../health.ts';
import { createObserver } from '../observe.ts';
import { parsePath, type RegistryPath } from '../path.ts';
import { Problem } from '../problem.ts';
import { answer, type Served } from './answer.ts';
import { createBufferPool } from './bufferPool.ts';
import { createFastPath } from './fastPath.ts';
import { createFront } from './front.ts';
import { createRecall } from './recall.ts';
import { problemReply, type Reply } from './reply.ts';
import { send } from './send.ts';

export interface ServiceOptions {
  /** Requests that are answered at once, without those that wait for an image; default 2,000. */
  readonly mostRequests?: number | undefined;
  /** Where the process counts. */
  readonly metrics?: Registry;
  /** The metrics of all processes that serve on this port. */
  readonly allMetrics?: () => Promise<string>;
}

/** For more requests at once than there may be; what is in memory is answered all the same. */
const busyReply = problemReply(
  new Problem('TOOMANYREQUESTS', 'this registry answers as many requests as it may; try again in a moment'),
  { 'retry-after': '1' },
);

/** What `listen` takes. */
export interface Service {
  readonly handler: Handler;
  readonly front: Front | undefined;
}

/**
 * The distribution API over what is served, with /healthz, /readyz and /metrics beside it.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export function createService(
  served: Served,
  logger: Logger,
  { metrics = createMetrics(), allMetrics, mostRequests = 2000 }: ServiceOptions = {},
): Service {
  measured(
    metrics,
    'niximage_registry_waiting',
    'Requests that wait for an image which is being built.',
    () => served.waiting.count,
  );
  const counts = httpMetrics(metrics);
  const observe = createObserver(logger, counts);
  const health = createHealth(metrics, () => served.images.ready(), allMetrics);
  const pool = createBufferPool();
  let busy = 0;
  const admitted = async (
    path: RegistryPath,
    request: IncomingMessage,
    observed: { readonly id: string },
  ): Promise<Reply> => {
    // Whoever waits for an image holds a connection and nothing else.
    if (busy - served.waiting.count > mostRequests) return busyReply;
    return await answer(served, path, request).catch((error: unknown): Reply => {
      logger.error({ id: observed.id, error }, 'a request failed');
      return problemReply(
        new Problem('UNKNOWN', `something went wrong here; its log has it as ${observed.id}`),
      );
    });
  };
  const answerAll: Handler = async (request, response) => {
    const observed = observe(request, response);
    const url = request.url ?? '/';
    if (await health(url, request, response)) {
      observed.route = 'health';
      return;
    }
    const path = parsePath(url);
    observed.route = path.kind;
    busy += 1;
    try {
      await send(await admitted(path, request, observed), request, response, pool);
    } catch (error) {
      logger.error({ id: observed.id, error: messageOf(error) }, 'a blob could not be read to its end');
      response.destroy();
    } finally {
      busy -= 1;
    }
  };
  // A log of every request needs the long way.
  if (logger.isLevelEnabled('debug')) return { handler: answerAll, front: undefined };
  const recall = createRecall(served);
  const fast = createFastPath(recall, counts);
  return {
    handler: (request, response) => {
      if (!fast(request, response)) return answerAll(request, response);
    },
    front: createFront(recall, counts),
  };
}
