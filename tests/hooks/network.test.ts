import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hookOptions } from '../../hooks/configuration.ts';
import { networkSettings } from '../../hooks/network.ts';
import { readOptions } from '../../runtime/options.ts';
import { temporaryFolder } from '../support/tmp.ts';

const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

function settings(environment: Readonly<Record<string, string>>) {
  const words = ['--keeper-url=http://127.0.0.1:1', '--keeper-token-file=a', '--token-file=a'];
  return networkSettings(readOptions(hookOptions, { words, environment }).values);
}

describe('how builders reach the world', () => {
  test('as it is, where nobody says anything', async () => assert.deepEqual(await settings({}), {}));

  test('through a proxy, with certificates of a file', async (t) => {
    const file = join(await temporaryFolder(t), 'ca.crt');
    await writeFile(file, certificate);
    const found = await settings({
      NIXIMAGE_BUILDER_PROXY: 'http://proxy.example:3128',
      NIXIMAGE_BUILDER_PROXY_EXCEPT: 'localhost,.example',
      NIXIMAGE_BUILDER_CERTIFICATES: file,
    });
    assert.deepEqual(found, {
      proxy: 'http://proxy.example:3128',
      proxyExcept: 'localhost,.example',
      certificates: certificate.trim(),
    });
  });

  const rows = [
    { reason: 'no certificate', text: 'AAAA', says: /holds no certificate; write PEM into it/ },
    { reason: 'more than a variable takes', text: certificate.repeat(2000), says: /more than 65536 bytes/ },
    {
      reason: 'nothing, for it is not there',
      text: undefined,
      says: /cannot be read.*niximage-certificates/,
    },
  ];
  for (const { reason, text, says } of rows)
    test(`a file that holds ${reason}`, async (t) => {
      const file = join(await temporaryFolder(t), 'ca.crt');
      if (text !== undefined) await writeFile(file, text);
      await assert.rejects(settings({ NIXIMAGE_BUILDER_CERTIFICATES: file }), says);
    });
});
