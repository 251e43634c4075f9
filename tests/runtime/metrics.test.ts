import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { describe, test } from 'node:test';
import { listen } from '../../runtime/httpServer.ts';
import { answerMetrics, createMetrics, httpMetrics } from '../../runtime/metrics.ts';

async function value(registry: ReturnType<typeof createMetrics>, line: string): Promise<number | undefined> {
  const found = (await registry.metrics()).split('\n').find((text) => text.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

describe('httpMetrics', () => {
  test('counts requests by route and status, seconds and bytes', async (t) => {
    const registry = createMetrics();
    const metrics = httpMetrics(registry);
    const server = await listen(
      (request, response) => {
        if (request.url === '/metrics') return answerMetrics(registry, request, response);
        metrics.track(response, () => 'blob');
        response.writeHead(request.url === '/none' ? 404 : 200).end('x'.repeat(1000));
      },
      { host: '127.0.0.1', port: 0 },
    );
    t.after(() => server.close());
    for (const path of ['/a', '/b', '/none']) await (await fetch(server.url + path)).text();
    const text = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(text, /^niximage_http_requests_total\{route="blob",status="200"\} 2$/m);
    assert.match(text, /^niximage_http_requests_total\{route="blob",status="404"\} 1$/m);
    assert.match(text, /^niximage_http_request_seconds_count\{route="blob"\} 3$/m);
    assert.match(text, /^niximage_http_requests_running 0$/m);
    assert.match(text, /^process_resident_memory_bytes \d/m);
    const sent = Number(/^niximage_http_sent_bytes_total\{route="blob"\} (\d+)$/m.exec(text)?.[1]);
    assert.ok(sent > 3000 && sent < 5000, String(sent));
  });

  test('counts a response that the client left as aborted', async (t) => {
    const registry = createMetrics();
    const metrics = httpMetrics(registry);
    const gone = Promise.withResolvers<void>();
    const server = await listen(
      (_request, response) => {
        metrics.track(response, () => 'blob');
        response.once('close', gone.resolve);
        response.write('the first part');
      },
      { host: '127.0.0.1', port: 0 },
    );
    t.after(() => server.close());
    const request = get(server.url);
    await once(request, 'response');
    request.on('error', () => {});
    request.destroy();
    await gone.promise;
    assert.equal(await value(registry, 'niximage_http_requests_total{route="blob",status="aborted"}'), 1);
    assert.equal(await value(registry, 'niximage_http_requests_running'), 0);
  });

  test('two registries in one process do not meet', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    httpMetrics(one);
    httpMetrics(other);
    assert.notEqual(one, other);
  });
});
