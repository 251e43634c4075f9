import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchBuilder } from './builder.ts';
import { benchCluster } from './cluster.ts';
import { benchHook } from './hook.ts';
import { machine } from './machine.ts';
import { benchNode } from './node.ts';
import { benchRegistry } from './registry.ts';
import { type Row, table } from './row.ts';
import { benchUp } from './up.ts';

/**
 * `npm run bench -- NAME [--json FILE] [--check]`: measures one part, and says whether it reaches its goals.
 * `--large BYTES` and `--rounds N` set how large the largest case is and how often each is measured, where a part has such.
 */
export interface BenchOptions {
  readonly large: number | undefined;
  readonly rounds: number | undefined;
}

interface Bench {
  readonly run: (options: BenchOptions) => Promise<readonly Row[]>;
  /** Commands that print the version of a program that takes part. */
  readonly programs: readonly (readonly [program: string, ...words: string[]])[];
}

const benches: Readonly<Record<string, Bench>> = {
  cluster: { run: benchCluster, programs: [['etcd', '--version']] },
  hook: { run: benchHook, programs: [] },
  node: { run: benchNode, programs: [] },
  registry: { run: benchRegistry, programs: [] },
  up: { run: benchUp, programs: [['nix-build', '--version']] },
  builder: {
    run: benchBuilder,
    programs: [
      ['nix-build', '--version'],
      ['skopeo', '--version'],
      ['docker-registry', '--version'],
      ['tar', '--version'],
      ['zstd', '--version'],
    ],
  },
};

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
    large: { type: 'string' },
    rounds: { type: 'string' },
  },
  allowPositionals: true,
});
const [name = '', ...more] = positionals;
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
const [large, rounds] = [values.large, values.rounds].map((text) =>
  text === undefined ? undefined : Number(text),
);
const isSize = (size: number | undefined): boolean =>
  size === undefined || (Number.isSafeInteger(size) && size > 0);
if (bench === undefined || more.length > 0 || !isSize(large) || !isSize(rounds)) {
  const names = Object.keys(benches).join('|');
  console.error(`Usage: npm run bench -- <${names}> [--json FILE] [--check] [--large BYTES] [--rounds N]`);
  process.exitCode = 2;
} else {
  const description = await machine(bench.programs);
  const rows = await bench.run({ large, rounds });
  console.log(`${table(rows)}\n\n${description}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  const missed = rows.filter(({ holds }) => !holds).length;
  if (values.check) {
    console.log(missed);
    process.exitCode = missed > 0 ? 1 : 0;
  }
}
