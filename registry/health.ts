import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerMetrics, type Registry } from '../runtime/metrics.ts';

/** Answers /healthz, /readyz and /metrics; false where the URL is none of them. */
export type Health = (url: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/**
 * @param ready whether the volume is there; asked at each /readyz.
 * @param allMetrics the text of /metrics, where it is not that of `metrics` alone.
 */
export function createHealth(
  metrics: Registry,
  ready: () => Promise<boolean>,
  allMetrics?: () => Promise<string>,
): Health {
  const say = (response: ServerResponse, status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
  };
  return async (url, request, response) => {
    switch (url) {
      case '/healthz':
        say(response, 200, 'ok');
        return true;
      case '/readyz':
        if (await ready()) say(response, 200, 'ok');
        else say(response, 503, 'the volume that holds the images cannot be read');
        return true;
      case '/metrics':
        await answerMetrics(metrics, request, response, allMetrics);
        return true;
      default:
        return false;
    }
  };
}
