import { fileURLToPath } from 'node:url';
import { BuildError } from '../errors.ts';
import type { NixEvent } from './event.ts';
import { runNix } from './run.ts';
import { type NixSettings, nixOptions } from './settings.ts';

/** The file that looks at an expression; see the comment at its top. */
const imageFile = fileURLToPath(new URL('./image.nix', import.meta.url));

/** One build's use of Nix. */
export interface NixContext {
  readonly settings: NixSettings;
  readonly signal: AbortSignal;
  /** Path of the expression's file. */
  readonly expression: string;
}

/** The words by which Nix looks at a part of the expression through `imageFile`. */
export function imageWords({ expression, settings }: NixContext, attribute: string): string[] {
  const pins = (settings.sources ?? []).flatMap(({ flake }) => (flake === undefined ? [] : [flake]));
  const flakes = Object.fromEntries(pins.map(({ reference, pinned }) => [reference, pinned]));
  return [
    ...[imageFile, '--attr', attribute, '--argstr', 'expression', expression],
    ...(pins.length === 0 ? [] : ['--argstr', 'flakes', JSON.stringify(flakes)]),
  ];
}

/** The names in the package set of the expression or in a flake's, below `prefix`; none where they cannot be had. */
export async function attributeNames(
  context: NixContext,
  prefix: readonly string[],
  flake = '',
): Promise<string[]> {
  const words = ['--argstr', 'prefix', JSON.stringify(prefix), '--argstr', 'flake', flake];
  return strings(await evaluate(context, 'names', words));
}

/**
 * Paths of the derivations of the expression's `contents`, in their order: of each entry one, of an environment those of
 * all that it is made of; null for what is none.
 */
export async function contentsDerivations(context: NixContext): Promise<(string | null)[][]> {
  const value = await evaluate(context, 'derivations', []);
  return Array.isArray(value) ? value.map((each: unknown) => [each].flat().map(textOrNull)) : [];
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Every derivation that needs `derivation`, itself included. */
export async function dependentsOf(context: NixContext, derivation: string): Promise<string[]> {
  const { exit, output } = await runNix({
    program: 'nix-store',
    words: ['--query', '--referrers-closure', derivation],
    settings: context.settings,
    signal: context.signal,
  });
  return exit.code === 0 ? linesOf(output) : [];
}

const pathsACall = 1000;

/**
 * The hashes of store paths' contents (`sha256:<base 32>` of their NAR), in the paths' order.
 * @throws {BuildError} `InternalError` where Nix does not know one of them.
 */
export async function narHashes(context: NixContext, paths: readonly string[]): Promise<string[]> {
  const hashes: string[] = [];
  for (let from = 0; from < paths.length; from += pathsACall) {
    const some = paths.slice(from, from + pathsACall);
    const said: string[] = [];
    const { exit, output } = await runNix({
      program: 'nix-store',
      words: ['--query', '--hash', ...some],
      settings: context.settings,
      signal: context.signal,
      onEvent: (event) => keepRaw(said, event),
    });
    const found = linesOf(output);
    if (exit.code !== 0 || found.length !== some.length)
      throw new BuildError(
        'InternalError',
        `Nix does not know the hashes of its own store paths: ${said.join(' ')}`,
      );
    hashes.push(...found);
  }
  return hashes;
}

async function evaluate(context: NixContext, attribute: string, words: readonly string[]): Promise<unknown> {
  const { exit, output } = await runNix({
    program: 'nix-instantiate',
    words: [
      ...['--eval', '--strict', '--json', ...imageWords(context, attribute)],
      ...words,
      ...nixOptions(context.settings),
    ],
    settings: context.settings,
    signal: context.signal,
  });
  if (exit.code !== 0) return undefined;
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

function keepRaw(lines: string[], event: NixEvent): void {
  if (event.kind === 'Raw' && lines.length < 5) lines.push(event.line);
}

function linesOf(output: string): string[] {
  return output.split('\n').filter((line) => line !== '');
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
