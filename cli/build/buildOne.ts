import type { ImageFormat } from '../../builder/format.ts';
import type { SourceVolumes } from '../../hooks/policy/sourceVolumes.ts';
import type { NixImage } from '../../hooks/resource/niximage.ts';
import { imageArchive } from '../../oci/archive/archive.ts';
import type { Terminal } from '../command.ts';
import { printable } from '../terminal/table.ts';
import { nixVersion } from '../up/nix.ts';
import { packageFolder } from '../up/packageFolder.ts';
import { defaultSource, namedSource, probe } from '../up/packageSource.ts';
import { writeArchive } from './archiveFile.ts';
import { buildLocally } from './buildLocally.ts';
import { findEngine, loadArchive } from './load.ts';
import { type LocalStore, openLocalStore } from './localStore.ts';

export interface BuildOptions {
  readonly nixpkgs: string | undefined;
  /** Absolute path. */
  readonly store: string;
  /** Absolute path of the OCI archive to write. */
  readonly output: string | undefined;
  readonly load: boolean;
  readonly format: ImageFormat;
  readonly sourceVolumes: SourceVolumes;
}

/** `niximage build`: one image into a local store. @returns the exit code. */
export async function buildOne(image: NixImage, options: BuildOptions, terminal: Terminal): Promise<number> {
  const { stdout, stderr, env, cwd } = terminal;
  // Found out first: nobody should wait for a build that cannot be loaded.
  const engine = options.load ? await findEngine(env) : undefined;
  const say = (line: string): void => void stderr.write(`${line}\n`);
  const surroundings = { env, cwd, nix: await nixVersion(env), reachable: probe };
  const source = await (options.nixpkgs === undefined
    ? defaultSource(surroundings)
    : namedSource(options.nixpkgs, surroundings));
  if (source.set === 'demo' && source.why !== undefined) say(source.why);
  const path = await packageFolder(source, say);
  const store = await openLocalStore(options.store, image.namespace);
  const report = await buildLocally(image, { ...options, store }, { ...source, path }, terminal);
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
  const archive = (): AsyncIterable<Buffer> => archiveOf(image, store);
  if (options.output !== undefined) {
    await writeArchive(archive(), options.output);
    stdout.write(`${options.output} is an OCI archive of it\n`);
  }
  if (engine !== undefined) {
    await loadArchive(engine, archive(), env);
    stdout.write(`${engine} has it as ${image.name}:${image.data.tag}\n`);
  }
  return 0;
}

async function* archiveOf(
  { namespace, name, data }: NixImage,
  { store }: LocalStore,
): AsyncGenerator<Buffer, void, undefined> {
  const reader = await store.namespace(namespace);
  const publication = await reader?.currentPublication(name, data.tag);
  // The build has just published it.
  if (reader === undefined || publication === undefined)
    throw new Error(`${name}:${data.tag} is not in the store`);
  yield* imageArchive(reader, { image: name, digest: publication.digest, reference: `${name}:${data.tag}` });
}
