import type { NixImage } from '../../hooks/resource/niximage.ts';
import type { Terminal } from '../command.ts';
import { printable } from '../terminal/table.ts';
import { nixVersion } from '../up/nix.ts';
import { packageFolder } from '../up/packageFolder.ts';
import { defaultSource, namedSource, probe } from '../up/packageSource.ts';
import { buildLocally } from './buildLocally.ts';
import { openLocalStore } from './localStore.ts';

export interface BuildOptions {
  readonly nixpkgs: string | undefined;
  /** Absolute path. */
  readonly store: string;
}

/** `niximage build`: one image into a local store. @returns the exit code. */
export async function buildOne(image: NixImage, options: BuildOptions, terminal: Terminal): Promise<number> {
  const { stdout, stderr, env, cwd } = terminal;
  const say = (line: string): void => void stderr.write(`${line}\n`);
  const surroundings = { env, cwd, nix: await nixVersion(env), reachable: probe };
  const source = await (options.nixpkgs === undefined
    ? defaultSource(surroundings)
    : namedSource(options.nixpkgs, surroundings));
  if (source.set === 'demo' && source.why !== undefined) say(source.why);
  const path = await packageFolder(source, say);
  const store = await openLocalStore(options.store, image.namespace);
  const report = await buildLocally(image, store, { ...source, path }, terminal);
  if (report.result === 'Failed') {
    say(printable(report.message));
    for (const line of report.logTail?.trimEnd().split('\n') ?? []) say(`    ${printable(line)}`);
    return 1;
  }
  const reused = report.reusedLayers === 0 ? '' : `, ${report.reusedLayers} of them reused`;
  const demo = source.set === 'demo' ? ' (demo)' : '';
  stdout.write(
    `${image.name}:${image.data.tag} is Built${demo}: ${report.digest}, ${report.size} bytes in ${report.layers} layers${reused}, in ${options.store}\n`,
  );
  return 0;
}
