import { setPriority } from 'node:os';
import { after, before, describe } from 'node:test';
import { definitionCases } from './cases/definition.ts';
import { manifestCases } from './cases/manifests.ts';
import { toldCases } from './cases/told.ts';
import { type Cluster, startCluster } from './support/cluster.ts';

// What has a node takes longer: it goes first where both want a processor.
setPriority(10);

describe('a control plane, with no node and nothing of ours that runs', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster.close());

  describe('the definition of NixImages', () => definitionCases(() => cluster));
  describe('kubectl tells each failure that docs/failures.md has of the hook', () =>
    toldCases(() => cluster));
  describe('the manifests', () => manifestCases(() => cluster));
});
