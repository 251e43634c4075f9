import { classify } from './classify.ts';
import { EvidenceCollector } from './evidence.ts';
import type { NixContext } from './query.ts';
import { runNix } from './run.ts';

/**
 * Copies store paths, with all that they need, into a binary cache.
 * @param cache the URL of one of Nix's stores.
 * @param signingKey a file; without it what is copied has the signatures that it came with.
 * @returns why it failed, in a sentence; undefined where all of it is there.
 */
export async function push(
  { settings, signal }: NixContext,
  cache: string,
  paths: readonly string[],
  signingKey: string | undefined,
): Promise<string | undefined> {
  const collector = new EvidenceCollector();
  const key = signingKey === undefined ? '' : `${cache.includes('?') ? '&' : '?'}secret-key=${signingKey}`;
  const { exit } = await runNix({
    program: 'nix',
    words: [
      ...['--extra-experimental-features', 'nix-command', '--log-format', 'internal-json'],
      ...['copy', '--to', `${cache}${key}`, ...paths],
    ],
    settings,
    signal,
    onEvent: (event) => collector.add(event),
  });
  return exit.code === 0 ? undefined : classify(collector.evidence(), exit).text;
}
