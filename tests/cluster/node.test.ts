import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attemptCases } from './cases/attempts.ts';
import { begunCases } from './cases/begun.ts';
import { buildCases } from './cases/builds.ts';
import { changeCases } from './cases/changes.ts';
import { componentCases } from './cases/components.ts';
import { dayOneCases } from './cases/dayOne.ts';
import { deletionCases } from './cases/deletion.ts';
import { doctorCases, missingRegistryCases } from './cases/doctor.ts';
import { foreignCases } from './cases/foreign.ts';
import { keeperCases, servedAgainCases } from './cases/keeper.ts';
import { killCases, registryKillCases } from './cases/kills.ts';
import { lifeCases } from './cases/life.ts';
import { missingCases } from './cases/missing.ts';
import { namespaceCases } from './cases/namespaces.ts';
import { networkCases } from './cases/network.ts';
import { pushCases } from './cases/push.ts';
import { requestCases } from './cases/requests.ts';
import { teamCases } from './cases/teams.ts';
import { volumeCases } from './cases/volume.ts';
import { metacontrollerTitle } from './support/metacontroller.ts';
import { noNode, type Site, startSite } from './support/site.ts';

describe(`a cluster of one node under ${metacontrollerTitle}, installed from the manifests`, {
  skip: noNode,
}, () => {
  let site: Site;
  before(async () => {
    site = await startSite();
    // Some cases wait for it to go by.
    const resync = '{"spec":{"resyncPeriodSeconds":10}}';
    await site.must(['patch', 'compositecontroller', 'niximages', '--type=merge', `--patch=${resync}`]);
  });
  after(() => site.close());

  test('no Pod of ours was refused or restarted', async () => {
    const path = '{.items[*].status.containerStatuses[*].restartCount}';
    const counts = await site.must(['get', 'pods', '-n', 'niximage-system', '-o', `jsonpath=${path}`]);
    assert.match(counts, /^(0 ?)+$/);
  });

  /** Those of a file are for one after another, where nothing else is said. */
  const cases = { concurrency: 1 };
  // Each in namespaces of its own; more of them at a time would only wait for a processor. The longest come first.
  describe('side by side', { concurrency: 5 }, () => {
    describe('builds', { concurrency: 2 }, () => buildCases(() => site));
    describe('attempts', { concurrency: 2 }, () => attemptCases(() => site));
    describe('changes', cases, () => changeCases(() => site));
    describe('deletion', cases, () => deletionCases(() => site));
    describe('namespaces', cases, () => namespaceCases(() => site));
    describe('what is missing', { concurrency: 2 }, () => missingCases(() => site));
    describe('foreign objects', { concurrency: 2 }, () => foreignCases(() => site));
    describe('what else begins a build', { concurrency: 2 }, () => begunCases(() => site));
    describe('two teams', cases, () => teamCases(() => site));
    describe('the network', { concurrency: 2 }, () => networkCases(() => site));
    describe('forged requests', cases, () => requestCases(() => site));
    describe('pushes', cases, () => pushCases(() => site));
    describe('the first day', cases, () => dayOneCases(() => site));
  });
  describe('doctor', () => doctorCases(() => site));
  // Who builds waits for what is away; nobody else pulls, and the keeper is sent away once.
  describe('one part away', { concurrency: 3 }, () => {
    describe('the registry', cases, () => {
      missingRegistryCases(() => site);
      componentCases(() => site);
    });
    describe('what makes and runs builders', cases, () => killCases(() => site));
    describe('the keeper', cases, () => keeperCases(() => site));
  });
  servedAgainCases();
  describe('the registry and all', { concurrency: 2 }, () => registryKillCases(() => site));
  describe('the volume', () => volumeCases(() => site));
  describe('upgrade and end', () => lifeCases(() => site));
});
