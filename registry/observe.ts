import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../runtime/log.ts';
import type { HttpMetrics } from '../runtime/metrics.ts';

/** One request as it is logged and counted; the handler says what class of route it was. */
export interface Observed {
  readonly id: string;
  route: string;
}

export type Observe = (request: IncomingMessage, response: ServerResponse) => Observed;

/** An id that a proxy in front gave is kept where it cannot garble a log. */
const idPattern = /^[\w.-]{1,64}$/;

/**
 * Counts each request and writes one line of log at its end: failures of ours as `error`, those of the client as
 * `info`, the rest as `debug`. The answer carries the id as `X-Request-Id`.
 */
export function createObserver(logger: Logger, metrics: HttpMetrics): Observe {
  return (request, response) => {
    const shown = request.headers['x-request-id'];
    const id = typeof shown === 'string' && idPattern.test(shown) ? shown : randomUUID();
    const observed: Observed = { id, route: 'other' };
    response.setHeader('x-request-id', id);
    metrics.track(response, () => observed.route);
    const started = process.hrtime.bigint();
    response.once('close', () => {
      const status = response.statusCode;
      const level = status >= 500 ? 'error' : status >= 400 ? 'info' : 'debug';
      if (!logger.isLevelEnabled(level)) return;
      logger[level](
        {
          id,
          route: observed.route,
          method: request.method,
          url: request.url?.slice(0, 1024),
          status,
          complete: response.writableFinished,
          milliseconds: Number(process.hrtime.bigint() - started) / 1e6,
          client: request.socket.remoteAddress,
          agent: request.headers['user-agent']?.slice(0, 256),
        },
        'request',
      );
    });
    return observed;
  };
}
