/** Where Nix says that an error is. */
export interface Position {
  readonly file: string;
  readonly line?: number;
}

/**
 * Where in the user's own Nix code an error is: in the manifest, by the name of the file that the code was put into
 * (`data.overlays.0.nix`, hooks/expression/ownNix.ts), or in one of the sources. Undefined where it is elsewhere.
 */
export function placeOf(
  { file, line }: Position,
  sources: readonly { readonly name: string; readonly path: string }[],
): string | undefined {
  const where = inManifest(file) ?? inSource(file, sources);
  return where === undefined || line === undefined ? where : `${where}, line ${line}`;
}

function inManifest(file: string): string | undefined {
  const field = /\/[a-z0-9]{32}-(data\.[A-Za-z0-9.]+)\.nix$/.exec(file)?.[1];
  return field?.replaceAll(/\.(\d+)/g, '[$1]');
}

function inSource(
  file: string,
  sources: readonly { readonly name: string; readonly path: string }[],
): string | undefined {
  const source = sources.find(({ path }) => file.startsWith(`${path}/`));
  return source === undefined ? undefined : source.name + file.slice(source.path.length);
}
