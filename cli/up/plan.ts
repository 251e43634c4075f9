import type { Problem } from '../manifests/problem.ts';

/** A NixImage of the session and the file it came from, as an absolute path. */
export interface Applied {
  readonly namespace: string;
  readonly name: string;
  readonly file: string | undefined;
}

/**
 * Which of the images there are must go, now that the files read like this. One goes when the file it came from was
 * looked at, reads well, and no longer holds it. A file with a problem takes nothing away: its last good state stays.
 * @param inScope whether a file is among those that the command line names.
 */
export function imagesToRemove(
  existing: readonly Applied[],
  wanted: readonly { readonly namespace: string; readonly name: string }[],
  problems: readonly Pick<Problem, 'file'>[],
  inScope: (file: string) => boolean,
): readonly Applied[] {
  const kept = new Set(wanted.map(keyOf));
  const bad = new Set(problems.map(({ file }) => file));
  return existing.filter(
    (image) =>
      image.file !== undefined && inScope(image.file) && !bad.has(image.file) && !kept.has(keyOf(image)),
  );
}

export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
