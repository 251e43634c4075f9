/** `curl-8.5.0` of `/nix/store/<hash>-curl-8.5.0.drv`. */
export function packageNameOf(storePath: string): string {
  const base = storePath.slice(storePath.lastIndexOf('/') + 1);
  return base.replace(/^[0-9a-z]{32}-/, '').replace(/\.drv$/, '');
}
