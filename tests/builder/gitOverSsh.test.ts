import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { runBuilder } from '../../builder/main.ts';
import type { BuildReport } from '../../runtime/contract/report.ts';
import { gitRepository } from '../support/gitRepository.ts';
import { podBench } from './support/pod.ts';
import { type SecondMachine, secondMachine } from './support/secondMachine.ts';

/** A build with an overlay's worth of Nix from a repository on the second machine. */
async function build(t: TestContext, machine: SecondMachine, secrets: string): Promise<BuildReport> {
  const repository = await gitRepository(t);
  await repository.commit({ 'default.nix': 'final: prev: { }\n' });
  const sources = [{ name: 'tools', git: { url: `${machine.uri}${repository.folder}` } }];
  const bench = await podBench(t, 'curl');
  const environment = { ...bench.environment, NIXIMAGE_SECRETS: secrets };
  const words = [...bench.words(), `--sources=${JSON.stringify(sources)}`];
  await runBuilder(words, environment, t.signal, { write: () => true, once: () => undefined });
  return await bench.report();
}

describe('a source that is fetched over SSH', () => {
  test('comes with the key of the Secret, from the host that known_hosts has', async (t) => {
    const machine = await secondMachine(t);
    const report = await build(t, machine, machine.secrets);
    assert.equal(report.result, 'Built', JSON.stringify(report));
  });

  const refused: readonly {
    readonly reason: string;
    readonly secrets: (machine: SecondMachine) => Promise<string>;
    readonly says: RegExp;
  }[] = [
    {
      reason: 'a host that known_hosts does not have',
      secrets: (machine) => machine.secretsWith('known_hosts', ''),
      says: /Host key verification failed/,
    },
    {
      reason: 'a key that the host does not know',
      secrets: async (machine) =>
        await machine.secretsWith('ssh-privatekey', (await machine.strangersKey()).privateKey),
      says: /Permission denied/,
    },
  ];
  for (const { reason, secrets, says } of refused)
    test(`does not come with ${reason}, and the message says so`, async (t) => {
      const machine = await secondMachine(t);
      const report = await build(t, machine, await secrets(machine));
      assert.ok(report.result === 'Failed');
      assert.equal(report.reason, 'FetchFailed');
      assert.equal(report.transient, false);
      assert.match(report.message, /^data\.sources: tools: it cannot be fetched: /);
      assert.match(report.message, says);
    });
});
