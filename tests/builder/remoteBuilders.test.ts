import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { runBuilder } from '../../builder/main.ts';
import { nixConfig as settingsOf } from '../../hooks/children/fetching.ts';
import type { BuildReport } from '../../runtime/contract/report.ts';
import { type FailureRow, failureRows } from '../support/failureTable.ts';
import { nixConfig } from '../support/nixConfig.ts';
import { digestOf } from './support/image.ts';
import { expressionOf } from './support/nix.ts';
import { podBench } from './support/pod.ts';
import { removeFromStore } from './support/removeFromStore.ts';
import { type SecondMachine, secondMachine } from './support/secondMachine.ts';

/** A package that asks for what only the second machine has. */
function packageFor({ mark, uri }: SecondMachine): string {
  return `derivation {
    name = "remote"; system = builtins.currentSystem; builder = "/bin/sh";
    requiredSystemFeatures = [ "second" ];
    args = [ "-c" "/bin/mkdir $out; /bin/cat ${mark} > $out/mark; echo ${uri} > $out/once" ];
  }`;
}

/** An image of that package. */
function expressionFor(machine: SecondMachine): string {
  const head = '{ pkgs ? import <nixpkgs> { } }:';
  const pkgs = `let pkgs = import <nixpkgs> { } // { remote = ${packageFor(machine)}; }; in`;
  return expressionOf('remote').replace(head, pkgs);
}

type NixOptions = Parameters<typeof settingsOf>[1];

interface Outcome {
  readonly report: BuildReport;
  readonly log: string;
}

async function build(
  t: TestContext,
  machine: SecondMachine,
  secrets = machine.secrets,
  nix: NixOptions = { builders: [{ uri: machine.uri, maxJobs: 2, supportedFeatures: ['second'] }] },
): Promise<Outcome> {
  const bench = await podBench(t, '');
  const expression = expressionFor(machine);
  await writeFile(join(bench.folder, 'expression.nix'), expression);
  const environment = {
    ...bench.environment,
    NIX_CONFIG: settingsOf(nixConfig, nix),
    NIXIMAGE_SECRETS: secrets,
  };
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text) > 0, once: () => undefined };
  const words = bench.words(1, { expressionDigest: digestOf(Buffer.from(expression)) });
  await runBuilder(words, environment, t.signal, output);
  return { report: await bench.report(), log: lines.join('') };
}

test('a machine builds over SSH what asks for it, and the image is made of what it built', async (t) => {
  const machine = await secondMachine(t);
  const { report, log } = await build(t, machine);
  assert.equal(report.result, 'Built', log);
  assert.match(log, /building remote/);
});

test('what a machine has in its store comes over SSH in place of being built', async (t) => {
  const machine = await secondMachine(t);
  await build(t, machine);
  await removeFromStore(packageFor(machine));
  // What it built itself bears no signature; it is trusted by its URL.
  const nix = { substituters: [`${machine.uri}?trusted=true`] };
  const { report, log } = await build(t, machine, machine.secrets, nix);
  assert.equal(report.result, 'Built', log);
  assert.doesNotMatch(log, /building remote/);
});

/** Each with what the builder is given in place of the machine's own Secret. */
const causes: Readonly<Record<string, (machine: SecondMachine) => Promise<string>>> = {
  'a machine shows another key than `known_hosts` has': async (machine) => {
    const { publicKey } = await machine.strangersKey();
    const [, address = ''] = machine.uri.split('@');
    return await machine.secretsWith('known_hosts', `${address} ${publicKey}`);
  },
  'a machine does not know the key of the Secret': async (machine) =>
    await machine.secretsWith('ssh-privatekey', (await machine.strangersKey()).privateKey),
  'a machine that is away': async (machine) => {
    await machine.stop();
    return machine.secrets;
  },
};

describe('what docs/failures.md says of machines that build over SSH', () => {
  let rows: ReadonlyMap<string, FailureRow>;
  before(async () => {
    rows = await failureRows('What machines that build over SSH say');
  });

  for (const [did, cause] of Object.entries(causes))
    test(did, async (t) => {
      const row = rows.get(did);
      assert.ok(row !== undefined, 'it stands on the page');
      const machine = await secondMachine(t);
      const { report, log } = await build(t, machine, await cause(machine));
      assert.ok(report.result === 'Failed', log);
      assert.equal(report.reason, row.reason);
      assert.match(report.message, row.message);
      assert.equal(report.transient, row.state !== 'Failed');
    });

  test('nothing else stands there', () => {
    assert.deepEqual([...rows.keys()].toSorted(), Object.keys(causes).toSorted());
  });
});
