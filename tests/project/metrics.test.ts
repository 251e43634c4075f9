import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { hookMetrics } from '../../hooks/hookMetrics.ts';
import { startKeeper } from '../../registry/start.ts';
import { failureReasons } from '../../runtime/contract/report.ts';
import { createLogger } from '../../runtime/log.ts';
import { createMetrics, httpMetrics } from '../../runtime/metrics.ts';
import { ask } from '../registry/support/client.ts';
import { serveVolume } from '../registry/support/site.ts';
import { projectFolder } from './trackedFiles.ts';

const names = (text: string): string[] => [...new Set(text.match(/\bniximage_[a-z_]+/g) ?? [])].toSorted();

describe('what docs/cluster.md says of metrics', () => {
  let section: string;
  before(async () => {
    const page = await readFile(`${projectFolder}docs/cluster.md`, 'utf8');
    section = page.split('\n## What to watch\n')[1]?.split('\n## ')[0] ?? '';
  });

  test('lists what the parts answer, no more and no less', async (t) => {
    const hook = createMetrics();
    httpMetrics(hook);
    hookMetrics(hook);
    const { url, root } = await serveVolume(t);
    const logger = createLogger({ name: 'test', level: 'silent' });
    const keeper = await startKeeper({ store: root, host: '127.0.0.1', port: 0, token: 'token' }, logger);
    t.after(() => keeper.close());
    const texts = [
      await hook.metrics(),
      (await ask(url, '/metrics')).body.toString(),
      (await ask(keeper.url, '/metrics')).body.toString(),
    ];
    const told = texts.flatMap((text) =>
      [...text.matchAll(/^# TYPE (niximage_\w+) /gm)].map(([, name = '']) => name),
    );
    assert.deepEqual(names(section), [...new Set(told)].toSorted());
  });

  test('names reasons that there are', () => {
    const [, list = ''] = /reason=~"([^"]+)"/.exec(section) ?? [];
    const known: readonly string[] = [...failureReasons, 'RegistryUnknown'];
    const named = list.split('\\|');
    assert.ok(named.length > 1);
    assert.deepEqual(
      named.filter((each) => !known.includes(each)),
      [],
    );
  });
});
