/**
 * Where in the manifest's own Nix code an error is, by the name of the file that the code was put into
 * (`data.overlays.0.nix`, hooks/expression/ownNix.ts); undefined where it is elsewhere.
 */
export function placeInManifest(file: string | undefined, line: number | undefined): string | undefined {
  const field = /\/[a-z0-9]{32}-(data\.[A-Za-z0-9.]+)\.nix$/.exec(file ?? '')?.[1];
  if (field === undefined) return undefined;
  const path = field.replaceAll(/\.(\d+)/g, '[$1]');
  return line === undefined ? `${path}.inline` : `${path}.inline, line ${line}`;
}
