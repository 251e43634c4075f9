import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchHook } from './hook.ts';
import { type Row, table } from './row.ts';

/** `npm run bench -- NAME [--json FILE] [--check]`: measures one part, and says whether it reaches its goals. */

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = { hook: benchHook };

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name = '', ...more] = positionals;
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined || more.length > 0) {
  console.error(`Usage: npm run bench -- <${Object.keys(benches).join('|')}> [--json FILE] [--check]`);
  process.exitCode = 2;
} else {
  const rows = await bench();
  console.log(table(rows));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  const missed = rows.filter(({ holds }) => !holds).length;
  if (values.check) {
    console.log(missed);
    process.exitCode = missed > 0 ? 1 : 0;
  }
}
