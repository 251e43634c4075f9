import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { builderLabels } from '../../../hooks/children/labels.ts';
import { kubeRouterProgram } from '../support/kubeRouter.ts';
import type { Site } from '../support/site.ts';
import { makePlace } from './place.ts';

const place = 'network';
const scraper = 'scraper';

const system = 'niximage-system.svc';
const addresses = {
  hook: `niximage-hook.${system}:80`,
  keeper: `niximage-keeper.${system}:5002`,
  registry: `niximage-registry.${system}:80`,
  cluster: 'kubernetes.default.svc:443',
} as const;
type Part = keyof typeof addresses;

/**
 * Opens a connection to each address, and prints the names of those that took it, once they are the expected ones for a
 * few rounds, or it has taken too long: what enforces the rules learns of a new Pod when it runs already.
 */
const program = `
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
const [addresses, expected] = process.argv.slice(1).map((word) => JSON.parse(word));
const reached = ([host, port]) => new Promise((resolve) => {
  const socket = connect({ host, port, timeout: 1000 }, () => resolve(true));
  for (const event of ['error', 'timeout']) socket.on(event, () => resolve(false));
});
const round = async () => {
  const all = Object.entries(addresses);
  const found = await Promise.all(all.map(([, address]) => reached(address.split(':'))));
  return all.filter((_, index) => found[index]).map(([name]) => name).join(' ');
};
let found = '';
for (let good = 0, tries = 0; good < 3 && tries < 60; tries += 1, await delay(300)) {
  found = await round();
  good = found === expected ? good + 1 : 0;
}
console.log(found);
process.exit();
`;

/** Who reaches whom, where something enforces NetworkPolicies. */
export function networkCases(site: () => Site): void {
  const skip = kubeRouterProgram === undefined && 'KUBE_ROUTER names nothing that enforces them';

  before(async () => {
    if (skip !== false) return;
    await makePlace(site(), place);
    await site().must(['create', 'namespace', scraper]);
    await site().must(['label', 'namespace', scraper, 'k8s.nixos.org/metrics=enabled']);
  });

  const rows: readonly {
    readonly who: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly reaches: readonly Part[];
  }[] = [
    { who: 'any-pod', namespace: place, reaches: ['registry', 'cluster'] },
    { who: 'builder', namespace: place, labels: builderLabels, reaches: [] },
    {
      who: 'collector-of-metrics',
      namespace: scraper,
      reaches: ['hook', 'keeper', 'registry', 'cluster'],
    },
    { who: 'metacontroller', namespace: 'metacontroller', reaches: ['hook', 'registry', 'cluster'] },
  ];
  for (const { who, namespace, labels, reaches } of rows)
    test(`${who} reaches ${reaches.join(', ') || 'nothing'}`, { skip }, async () => {
      const words = [addresses, reaches.join(' ')].map((word) => JSON.stringify(word));
      const command = ['node', '--input-type=module', '-e', program, ...words];
      const container = { name: 'try', image: 'docker.io/library/niximage:0.1.0', command };
      const spec = { restartPolicy: 'Never', containers: [container] };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: who, namespace, labels }, spec };
      await site().must(['apply', '-f', '-'], JSON.stringify(pod));
      const ended = '--for=jsonpath={.status.phase}=Succeeded';
      await site().must(['wait', ended, '--timeout=90s', '-n', namespace, `pod/${who}`]);
      assert.equal((await site().must(['logs', who, '-n', namespace])).trim(), reaches.join(' '));
      await site().must(['delete', 'pod', who, '-n', namespace, '--grace-period=0', '--force']);
    });
}
