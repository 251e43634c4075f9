import type { IncomingMessage, ServerResponse } from 'node:http';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export { Counter, type Registry } from 'prom-client';

/** A registry of metrics that holds those of the process: memory, CPU, event loop, open files. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** A gauge whose value is asked for when the metrics are read; NaN is a value that cannot be told. */
export function measured(
  registry: Registry,
  name: string,
  help: string,
  value: () => number | Promise<number>,
): void {
  const gauge = new Gauge({
    name,
    help,
    registers: [],
    async collect() {
      this.set(await value());
    },
  });
  registry.registerMetric(gauge);
}

export interface HttpMetrics {
  /**
   * Counts one request when its response has ended. `route` gives a class of routes with few values, never a URL;
   * it is called at the end, when the handler knows.
   */
  track(response: ServerResponse, route: () => string): void;
  /** Counts requests of a class that are answered 200 at once; the result takes the bytes of each body. */
  counter(route: string): (bytes: number) => void;
}

/** Latencies in seconds: a sync takes a fraction of a millisecond, a large blob minutes. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** The metrics of an HTTP server. A response that the client left has the status `aborted`. */
export function httpMetrics(registry: Registry): HttpMetrics {
  const labelNames = ['route', 'status'] as const;
  const registers = [registry];
  const requests = new Counter({
    name: 'niximage_http_requests_total',
    help: 'Requests answered, by class of route and status.',
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'niximage_http_request_seconds',
    help: 'Time from a request to the end of its response, in seconds.',
    labelNames: ['route'],
    buckets,
    registers,
  });
  const bytes = new Counter({
    name: 'niximage_http_sent_bytes_total',
    help: 'Bytes sent in responses, headers included.',
    labelNames: ['route'],
    registers,
  });
  const running = new Gauge({
    name: 'niximage_http_requests_running',
    help: 'Requests being answered now.',
    registers,
  });
  return {
    counter(route) {
      const [request, second, byte] = [
        requests.labels({ route, status: 200 }),
        seconds.labels({ route }),
        bytes.labels({ route }),
      ];
      return (sent) => {
        request.inc();
        second.observe(0);
        byte.inc(sent);
      };
    },
    track(response, route) {
      const started = process.hrtime.bigint();
      const { socket } = response;
      const sentBefore = socket?.bytesWritten ?? 0;
      running.inc();
      response.once('close', () => {
        const label = route();
        running.dec();
        requests.inc({ route: label, status: response.writableFinished ? response.statusCode : 'aborted' });
        seconds.observe({ route: label }, Number(process.hrtime.bigint() - started) / 1e9);
        bytes.inc({ route: label }, Math.max(0, (socket?.bytesWritten ?? 0) - sentBefore));
      });
    },
  };
}

/** The text of several processes' metrics together, each as `Registry.getMetricsAsJSON` gave them. */
export async function sumMetrics(all: readonly (readonly object[])[]): Promise<string> {
  // The types ask for registries, and the documentation for what they give as JSON.
  return await AggregatorRegistry.aggregate(all as unknown as Registry[]).metrics();
}

/** Answers `GET /metrics` in the Prometheus text format. */
export async function answerMetrics(
  registry: Registry,
  _request: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string> = () => registry.metrics(),
): Promise<void> {
  const body = await text();
  response.writeHead(200, { 'content-type': registry.contentType }).end(body);
}
