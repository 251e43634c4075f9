import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImageConf } from '../../builder/conf.ts';
import { imageConfig, packageSetLabel } from '../../builder/image.ts';

const conf: ImageConf = {
  architecture: 'arm64',
  os: 'linux',
  config: { Cmd: ['bash'], Env: ['A=2', 'B=3'], Healthcheck: { Test: ['NONE'] } },
  storeDir: '/nix/store',
  storeLayers: [['/nix/store/a-b', '/nix/store/c-d']],
  customisationLayer: '/nix/store/e-customisation',
  repoTag: 'x:v1',
  created: '1970-01-01T00:00:01+00:00',
  mtime: '1970-01-01T00:00:01+00:00',
  uid: 0,
  gid: 0,
  uname: 'root',
  gname: 'root',
};
const layers = [
  { diffId: 'sha256:1', paths: ['/nix/store/a-b', '/nix/store/c-d'] },
  { diffId: 'sha256:2', paths: ['/nix/store/e-customisation'] },
];
const now = new Date('2026-01-02T03:04:05.006Z');

test('the configuration is the one that nixpkgs writes', () => {
  assert.deepEqual(imageConfig(conf, layers, { packageSet: 'nixpkgs', now }), {
    created: '1970-01-01T00:00:01+00:00',
    architecture: 'arm64',
    os: 'linux',
    config: conf.config,
    rootfs: { type: 'layers', diff_ids: ['sha256:1', 'sha256:2'] },
    history: [
      { created: '1970-01-01T00:00:01+00:00', comment: "store paths: ['/nix/store/a-b', '/nix/store/c-d']" },
      { created: '1970-01-01T00:00:01+00:00', comment: "store paths: ['/nix/store/e-customisation']" },
    ],
  });
});

describe('what changes it', () => {
  test('a base image gives its environment only; the last value wins', () => {
    const base = { Env: ['PATH=/bin', 'A=1'], Cmd: ['base'], User: '7' };
    const config = imageConfig(conf, layers, { packageSet: 'nixpkgs', now, base })['config'];
    assert.deepEqual(config, { ...conf.config, Env: ['PATH=/bin', 'A=2', 'B=3'] });
  });

  test('a demonstration is labelled, beside the labels there are', () => {
    const labels = { maintainer: 'x' };
    const config = imageConfig({ ...conf, config: { Labels: labels } }, layers, { packageSet: 'demo', now })[
      'config'
    ];
    assert.deepEqual(config, { Labels: { maintainer: 'x', [packageSetLabel]: 'demo' } });
  });

  test('times are written as Python writes them', () => {
    const created = (text: string) =>
      imageConfig({ ...conf, created: text }, [], { packageSet: 'nixpkgs', now })['created'];
    assert.equal(created('now'), '2026-01-02T03:04:05.006+00:00');
    assert.equal(created('2024-05-06T07:08:09Z'), '2024-05-06T07:08:09+00:00');
    assert.equal(created('2024-05-06T07:08:09+02:00'), '2024-05-06T07:08:09+02:00');
  });
});
