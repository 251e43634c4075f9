import { classify } from './classify.ts';
import type { NixEvent } from './event.ts';
import { EvidenceCollector } from './evidence.ts';
import { explain } from './explain.ts';
import { imageWords, type NixContext } from './query.ts';
import { runNix } from './run.ts';
import { nixOptions } from './settings.ts';

/** `conf`: the description that layers are made from, where nixpkgs has one; `archive`: the image's tarball. */
export type Target = 'conf' | 'archive';

/**
 * Evaluates the expression, builds `target` of it, and keeps it by a link at `outLink`, so that no collection takes
 * what it refers to while it is read. Returns the store path.
 * @throws {BuildError} that names the entry of `data.contents` that failed, where one can be named.
 */
export async function realise(
  context: NixContext,
  target: Target,
  outLink: string,
  onEvent: (event: NixEvent) => void | Promise<void>,
): Promise<string> {
  const collector = new EvidenceCollector();
  const { exit, output } = await runNix({
    program: 'nix-build',
    words: [
      ...imageWords(context, target),
      // The trace bears the number of the entry that fails: see image.nix.
      ...['--out-link', outLink, '--log-format', 'internal-json', '-v', '--show-trace'],
      ...nixOptions(context.settings),
    ],
    settings: context.settings,
    signal: context.signal,
    onEvent: (event) => {
      collector.add(event);
      return onEvent(event);
    },
  });
  const path = output.split('\n').at(-1) ?? '';
  if (exit.code === 0 && path.startsWith('/')) return path;
  throw await explain(context, classify(collector.evidence(), exit));
}
