import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OrderedSource, ResolvedSource, SourceFile } from '../../runtime/contract/sources.ts';
import { BuildError } from '../errors.ts';
import { classify } from './classify.ts';
import type { NixEvent } from './event.ts';
import { EvidenceCollector } from './evidence.ts';
import { flakeInFolder, pinnedFlake } from './pinnedFlake.ts';
import { type NixContext, narHashes } from './query.ts';
import { runNix } from './run.ts';
import { type NixSource, nixOptions } from './settings.ts';

const sourcesFile = fileURLToPath(new URL('./sources.nix', import.meta.url));

/** A source that is in Nix's store. */
export interface FetchedSource extends ResolvedSource, NixSource {}

/**
 * Fetches the sources one after another.
 * @throws {BuildError} that names the source: `FetchFailed`, or `HashMismatch` where it is not what it was before.
 */
export async function fetchSources(
  context: NixContext,
  sources: readonly OrderedSource[],
  onEvent: (event: NixEvent) => void | Promise<void>,
): Promise<FetchedSource[]> {
  const fetched: FetchedSource[] = [];
  for (const source of sources) {
    const { path, rev } = await fetchSource(context, source, onEvent);
    const [narHash = ''] = await narHashes(context, [path]);
    requireSame(source, narHash);
    const flake = flakeOf(source, path, rev);
    fetched.push({
      name: source.name,
      ...(rev === undefined ? {} : { rev }),
      narHash,
      path,
      ...(flake === undefined ? {} : { flake }),
    });
  }
  return fetched;
}

/** The flake of that very commit; where it has none, the folder that was fetched. */
function flakeOf({ flake }: OrderedSource, path: string, rev: string | undefined): NixSource['flake'] {
  if (flake === undefined) return undefined;
  const ofCommit = rev === undefined ? undefined : pinnedFlake(flake, rev);
  const isPinned = rev !== undefined && ofCommit?.includes(rev) === true;
  return { reference: flake, pinned: isPinned ? ofCommit : flakeInFolder(flake, path) };
}

async function fetchSource(
  { settings, signal }: NixContext,
  given: OrderedSource,
  onEvent: (event: NixEvent) => void | Promise<void>,
): Promise<{ path: string; rev?: string }> {
  const source = await inFolder(given, settings.workFolder);
  const collector = new EvidenceCollector();
  const { exit, output } = await runNix({
    program: 'nix-instantiate',
    words: [
      ...['--eval', '--strict', '--json', '--read-write-mode', sourcesFile],
      ...['--argstr', 'source', JSON.stringify(pinned(source)), '--log-format', 'internal-json'],
      ...nixOptions(settings),
    ],
    settings,
    signal,
    onEvent: (event) => {
      collector.add(event);
      return onEvent(event);
    },
  });
  const found = exit.code === 0 ? answerOf(output) : undefined;
  if (found !== undefined) return found;
  const { reason, text, transient } = classify(collector.evidence(), exit);
  throw new BuildError(
    reason === 'EvaluationFailed' ? 'FetchFailed' : reason,
    `${fieldOf(source)}: it cannot be fetched: ${text}`,
    { transient },
  );
}

/** A source whose files are texts, or whose folder is there, as a folder that is no link. */
async function inFolder({ files, ...source }: OrderedSource, workFolder: string): Promise<OrderedSource> {
  if (files !== undefined)
    return { ...source, folder: await writtenFolder(join(workFolder, 'sources', source.name), files) };
  if (source.folder === undefined) return source;
  const folder = await realpath(source.folder).catch((cause: unknown) => {
    throw new BuildError(
      'FetchFailed',
      `${fieldOf(source)}: there is no such folder on its volume; look at volume.path`,
      { cause },
    );
  });
  return { ...source, folder };
}

async function writtenFolder(folder: string, files: readonly SourceFile[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const { path, text } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return folder;
}

/** Where the manifest names it: a flake of `data.contents` is called by its reference. */
function fieldOf({ name, byOperator }: Pick<OrderedSource, 'name' | 'byOperator'>): string {
  if (byOperator === true) return `the operator's ${name}`;
  return `${name.includes(':') ? 'data.contents' : 'data.sources'}: ${name}`;
}

function pinned(source: OrderedSource): OrderedSource {
  const { flake, pin } = source;
  return flake === undefined || pin?.rev === undefined
    ? source
    : { ...source, flake: pinnedFlake(flake, pin.rev) };
}

/** Written by sources.nix. */
function answerOf(output: string): { path: string; rev?: string } | undefined {
  const { path, rev } = JSON.parse(output) as { path?: unknown; rev?: unknown };
  if (typeof path !== 'string') return undefined;
  return { path, ...(typeof rev === 'string' ? { rev } : {}) };
}

function requireSame(source: OrderedSource, narHash: string): void {
  const { pin } = source;
  if (pin === undefined || pin.narHash === narHash) return;
  throw new BuildError(
    'HashMismatch',
    `${fieldOf(source)}: it has ${narHash}, and had ${pin.narHash} when the image was built; change the manifest or its rebuild annotation to build from what it is now`,
  );
}
