import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildCases } from './cases/builds.ts';
import { doctorCases } from './cases/doctor.ts';
import { lifeCases } from './cases/life.ts';
import { namespaceCases } from './cases/namespaces.ts';
import { troubleCases } from './cases/trouble.ts';
import { metacontrollerProgram } from './support/metacontroller.ts';
import { noNode, type Site, startSite } from './support/site.ts';

const noMetacontroller =
  metacontrollerProgram === undefined ? 'METACONTROLLER names no Metacontroller to run' : false;

describe('a cluster of one node, with everything installed from the manifests', { skip: noNode }, () => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  test('no Pod of ours was refused or restarted', async () => {
    const path = '{.items[*].status.containerStatuses[*].restartCount}';
    const counts = await site.must(['get', 'pods', '-n', 'niximage-system', '-o', `jsonpath=${path}`]);
    assert.match(counts, /^(0 ?)+$/);
  });

  describe('namespaces', { skip: noMetacontroller }, () => namespaceCases(() => site));
  describe('builds', { skip: noMetacontroller }, () => buildCases(() => site));
  describe('doctor', { skip: noMetacontroller }, () => doctorCases(() => site));
  describe('trouble', { skip: noMetacontroller }, () => troubleCases(() => site));
  describe('upgrade and end', { skip: noMetacontroller }, () => lifeCases(() => site));
});
