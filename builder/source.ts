import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfError, type ImageConf, parseConf } from './conf.ts';
import type { NixContext } from './nix/query.ts';
import { realise } from './nix/realise.ts';
import type { BuildObserver } from './observer.ts';

/** What Nix built, kept by a link in the work folder as long as that lives. */
export type ImageSource =
  /** nixpkgs since March 2024: the description, whose layers are read from the store's paths. */
  | { readonly kind: 'Conf'; readonly conf: ImageConf }
  /** A docker-archive, gzipped or not. */
  | { readonly kind: 'Archive'; readonly path: string };

/**
 * Builds the expression's `.stream.conf`; where there is none, or one of a newer format, its archive.
 * @throws {BuildError} naming what failed in the expression or its packages.
 */
export async function imageSource(
  context: NixContext,
  workFolder: string,
  observer: BuildObserver,
): Promise<ImageSource> {
  const onEvent = observer.nixEvent.bind(observer);
  const path = await realise(context, 'conf', join(workFolder, 'conf'), onEvent);
  if (!(await isJson(path))) return { kind: 'Archive', path };
  try {
    return { kind: 'Conf', conf: parseConf(await readFile(path, 'utf8')) };
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    await observer.log(`${error.message}; the image's archive is taken instead`);
    return { kind: 'Archive', path: await realise(context, 'archive', join(workFolder, 'archive'), onEvent) };
  }
}

async function isJson(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, 0);
  return bytesRead === 1 && buffer.toString() === '{';
}
