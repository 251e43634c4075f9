import { cpus, loadavg, release, totalmem } from 'node:os';
import { execa } from 'execa';

/** One line: the machine, what else it does, and the programs that take part, each with its version. */
export async function machine(programs: readonly (readonly [string, ...string[]])[]): Promise<string> {
  const cores = cpus();
  const [load = 0] = loadavg();
  const parts = [
    `${cores.length} cores of ${cores[0]?.model.trim() ?? 'unknown'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Linux ${release()}`,
    `load ${load.toFixed(1)} at the start`,
    `Node.js ${process.versions.node}`,
  ];
  for (const [program, ...words] of programs) parts.push(await versionOf(program, words));
  return `${parts.join('; ')}.`;
}

async function versionOf(program: string, words: readonly string[]): Promise<string> {
  const { stdout, failed } = await execa(program, words, { reject: false });
  if (failed) return `no ${program}`;
  const [version = 'of unknown version'] = /\d+(\.\d+)+\S*/.exec(stdout.split('\n')[0] ?? '') ?? [];
  return `${program} ${version.replace(/,$/, '')}`;
}
