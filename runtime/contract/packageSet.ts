/** Where packages come from: nixpkgs, or the project's own offline set, which is for demonstrations only. */
export type PackageSet = 'nixpkgs' | 'demo';

export const packageSets: readonly PackageSet[] = ['nixpkgs', 'demo'];
