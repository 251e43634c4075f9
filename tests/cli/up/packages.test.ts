import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PackageSource, Surroundings } from '../../../cli/up/packageSource.ts';
import { Packages } from '../../../cli/up/packages.ts';
import { StateFolder } from '../../../cli/up/stateFolder.ts';
import { pinnedNixpkgs } from '../../../hooks/pinnedNixpkgs.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const offline: Surroundings = {
  // No <nixpkgs> anywhere; the program that looks for it is not there either.
  env: { PATH: '/nowhere', NIX_PATH: '' },
  cwd: '/here',
  nix: [2, 26, 3],
  reachable: async () => false,
};
const online: Surroundings = { ...offline, reachable: async () => true };

describe('the packages of a session', () => {
  test('a first start takes what can be reached', async (t) => {
    const state = new StateFolder(await temporaryFolder(t));
    assert.deepEqual((await Packages.choose(undefined, online, state)).source, {
      set: 'nixpkgs',
      from: pinnedNixpkgs,
    });
  });

  test('a later start takes what the last one had, and does not wait for the network', async (t) => {
    const state = new StateFolder(await temporaryFolder(t));
    await Packages.choose(undefined, offline, state);
    const silent = { ...offline, reachable: () => new Promise<boolean>(() => {}) };
    const { source } = await Packages.choose(undefined, silent, state);
    assert.equal(source.set, 'demo');
    assert.match(source.set === 'demo' ? (source.why ?? '') : '', /as before/);
  });

  test('nixpkgs, once taken, stays: a lost network does not make demo images of real ones', async (t) => {
    const state = new StateFolder(await temporaryFolder(t));
    await Packages.choose(undefined, online, state);
    assert.deepEqual((await Packages.choose(undefined, offline, state)).source, {
      set: 'nixpkgs',
      from: pinnedNixpkgs,
    });
  });

  test('the offline set gives way as soon as nixpkgs answers, and the next start knows', async (t) => {
    const state = new StateFolder(await temporaryFolder(t));
    await Packages.choose(undefined, offline, state);
    const packages = await Packages.choose(undefined, online, state);
    assert.equal(packages.source.set, 'demo');
    const changes: PackageSource[] = [];
    await packages.watch(new AbortController().signal, async (source) => void changes.push(source));
    assert.deepEqual(changes, [{ set: 'nixpkgs', from: pinnedNixpkgs }]);
    assert.deepEqual((await Packages.choose(undefined, offline, state)).source, changes[0]);
  });

  test('what was asked for by name is never changed', async (t) => {
    const state = new StateFolder(await temporaryFolder(t));
    const packages = await Packages.choose('demo', online, state);
    await packages.watch(new AbortController().signal, async () => assert.fail('changed'));
    assert.deepEqual(packages.source, { set: 'demo' });
  });
});
