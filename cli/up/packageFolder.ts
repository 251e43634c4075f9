import type { PackageSource } from './packageSource.ts';

/**
 * What `<nixpkgs>` is to stand for: a folder or a URL. The offline set is put in place first, where it is missing;
 * each step of that is a line.
 */
export async function packageFolder(source: PackageSource, say: (line: string) => void): Promise<string> {
  if (source.set === 'nixpkgs') return source.from;
  const { ensurePackages } = await import('../../scripts/packages.mjs');
  return await ensurePackages({ say });
}
