import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

/** Milliseconds without a further event before a change is told: an editor's save is several events. */
const quietFor = 80;

/**
 * Tells of changes to files and folders of manifests until `signal` aborts. The folder around a file is watched, not
 * the file, since most editors write a new file and rename it over the old one.
 * @param words the files and folders of the command line; `-` is left out.
 */
export async function watchFiles(
  words: readonly string[],
  { cwd, signal, changed }: { readonly cwd: string; readonly signal: AbortSignal; changed(): void },
): Promise<void> {
  const folders = await foldersOf(words, cwd);
  // An aborted signal tells nobody any more, and watchers that nobody closes keep the program alive.
  if (signal.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, quietFor);
  };
  const watchers = [...folders].map(([folder, names]) => watchFolder(folder, names, soon));
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
    { once: true },
  );
}

/** The names that count in each folder; undefined where all of them do. */
async function foldersOf(
  words: readonly string[],
  cwd: string,
): Promise<ReadonlyMap<string, ReadonlySet<string> | undefined>> {
  const folders = new Map<string, Set<string> | undefined>();
  for (const word of words) {
    if (word === '-') continue;
    const path = resolve(cwd, word);
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) {
      folders.set(path, undefined);
      continue;
    }
    const folder = dirname(path);
    if (!folders.has(folder)) folders.set(folder, new Set());
    folders.get(folder)?.add(basename(path));
  }
  return folders;
}

function watchFolder(folder: string, names: ReadonlySet<string> | undefined, changed: () => void): FSWatcher {
  const watcher = watch(folder, (_event, name) => {
    if (names === undefined || name === null || names.has(name)) changed();
  });
  // The folder itself went away: what was in it is removed, which the reader finds out.
  watcher.on('error', changed);
  return watcher;
}
