import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { kubeRouterProgram } from '../support/kubeRouter.ts';
import { imageOn } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';
import { makePlace, small } from './place.ts';
import { served } from './registry.ts';

const place = 'requests';

/** Sends what it is given to each address, without a token and with a wrong one, and prints what is answered. */
const program = `
const { addresses, body } = JSON.parse(process.argv[1]);
const ask = async (address, more) => {
  const headers = { 'content-type': 'application/json', ...more };
  const signal = AbortSignal.timeout(20_000);
  const answer = fetch(address, { method: 'POST', headers, body: JSON.stringify(body), signal });
  return (await answer.then(({ status }) => status, () => 'unreachable')) + ' ' + address;
};
const ways = [{}, { authorization: 'Bearer guessed' }];
const answers = await Promise.all(addresses.flatMap((address) => ways.map((more) => ask(address, more))));
console.log(answers.join('\\n'));
`;

/** Where a network enforces policies, whoever has no token does not come as far as to be asked for one. */
const refused = kubeRouterProgram === undefined ? '401' : 'unreachable';

/** Requests of somebody who is not Metacontroller. */
export function requestCases(site: () => Site): void {
  before(() => makePlace(site(), place));

  test('a forged request from a Pod: refused, and nothing is deleted', async () => {
    const image = imageOn(site(), 'stays', place);
    await image.apply(small);
    await image.wait('Ready');
    const parent = JSON.parse(await site().must(['get', 'niximage', 'stays', '-n', place, '-o', 'json']));
    parent.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const body = { controller: {}, parent, children: {}, related: {}, finalizing: true };
    const hook = 'http://niximage-hook.niximage-system.svc';
    const paths = ['sync', 'finalize', 'customize', 'namespaces/sync', 'namespaces/finalize'];
    const keeper = 'http://niximage-keeper.niximage-system.svc:5002/internal/v1/namespaces';
    const addresses = [...paths.map((path) => `${hook}/${path}`), `${keeper}/${place}/images/stays/finalize`];
    const command = ['node', '--input-type=module', '-e', program, JSON.stringify({ addresses, body })];
    const container = { name: 'forger', image: 'docker.io/library/niximage:0.1.0', command };
    const spec = { restartPolicy: 'Never', containers: [container] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'forger', namespace: place }, spec };
    await site().must(['apply', '-f', '-'], JSON.stringify(pod));
    const ended = 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}=0';
    await site().must(['wait', `--for=${ended}`, '--timeout=60s', '-n', place, 'pod/forger']);
    const answers = (await site().must(['logs', 'forger', '-n', place])).trim().split('\n');
    assert.deepEqual(
      answers,
      addresses.flatMap((address) => [`${refused} ${address}`, `${refused} ${address}`]),
    );
    assert.equal((await served(`${place}/stays/manifests/v1`)).status, 200);
  });
}
