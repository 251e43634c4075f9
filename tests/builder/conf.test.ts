import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfError, parseConf, resolveTime } from '../../builder/conf.ts';

const good = {
  architecture: 'amd64',
  config: { Cmd: ['bash'] },
  os: 'linux',
  store_dir: '/nix/store',
  from_image: null,
  store_layers: [['/nix/store/a-b', '/nix/store/c-d'], ['/nix/store/e-f']],
  customisation_layer: '/nix/store/g-customisation',
  repo_tag: 'curl-and-jq:v1',
  created: '1970-01-01T00:00:01+00:00',
  mtime: '1970-01-01T00:00:01+00:00',
  uid: '0',
  gid: '0',
  uname: 'root',
  gname: 'root',
};

test('reads what nixpkgs writes', () => {
  const conf = parseConf(JSON.stringify(good));
  assert.deepEqual(conf.storeLayers, good.store_layers);
  assert.equal(conf.uid, 0);
  assert.equal(Object.hasOwn(conf, 'fromImage'), false);
  assert.equal(
    parseConf(JSON.stringify({ ...good, from_image: '/nix/store/x.tar' })).fromImage,
    '/nix/store/x.tar',
  );
  assert.deepEqual(parseConf(JSON.stringify({ ...good, store_layers: [] })).storeLayers, []);
});

test('"now" stays the word until it is resolved', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  const conf = parseConf(JSON.stringify({ ...good, created: 'now' }));
  assert.equal(resolveTime(conf.created, now), now);
  assert.equal(resolveTime(conf.mtime, now).toISOString(), '1970-01-01T00:00:01.000Z');
});

describe('refuses', () => {
  const rows: readonly { reason: string; change: { readonly [key: string]: unknown } }[] = [
    { reason: 'a key nobody knows', change: { compression: 'zstd' } },
    { reason: 'a missing key', change: { uname: undefined } },
    { reason: 'a number for a uid', change: { uid: 0 } },
    { reason: 'a uid that is no number', change: { uid: '0x1' } },
    { reason: 'a path outside of the store', change: { store_layers: [['/etc/passwd']] } },
    { reason: 'a path that climbs out of the store', change: { store_layers: [['/nix/store/../../etc']] } },
    { reason: 'layers that are no lists', change: { store_layers: ['/nix/store/a'] } },
    { reason: 'a time that is none', change: { created: 'tomorrow' } },
    { reason: 'a configuration that is no object', change: { config: [] } },
    { reason: 'a relative archive', change: { from_image: 'base.tar' } },
  ];
  for (const { reason, change } of rows)
    test(reason, () => {
      assert.throws(() => parseConf(JSON.stringify({ ...good, ...change })), ConfError);
    });
  test('what is no JSON', () => {
    for (const text of ['', '[]', 'null', '{', '\u001f\u008b'])
      assert.throws(() => parseConf(text), ConfError);
  });
});
