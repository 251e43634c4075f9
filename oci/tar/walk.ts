import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import type { TarEntry } from './header.ts';
import { compareNames } from './text.ts';

const slash = Buffer.from('/');
const none = Buffer.alloc(0);

/**
 * A path and all under it, a folder before what is in it, names in the order of their code points: as nixpkgs sorts by
 * path component. Synchronous, for a worker thread: it lists as the tar is written, so that memory stays flat.
 */
export function* walk(path: Buffer): Generator<TarEntry> {
  const stat = lstatSync(path);
  yield entryOf(path, stat);
  if (!stat.isDirectory()) return;
  const names = readdirSync(path, { encoding: 'buffer' }).sort(compareNames);
  for (const name of names) yield* walk(Buffer.concat([path, slash, name]));
}

function entryOf(name: Buffer, stat: Stats): TarEntry {
  const common = { name, mode: stat.mode & 0o7777, size: 0, target: none };
  if (stat.isFile()) return { ...common, type: 'file', size: stat.size };
  if (stat.isDirectory()) return { ...common, type: 'directory' };
  if (stat.isSymbolicLink())
    return { ...common, type: 'symlink', target: readlinkSync(name, { encoding: 'buffer' }) };
  throw new Error(`${name.toString()} is no file, folder or symlink; a store path can hold nothing else`);
}
