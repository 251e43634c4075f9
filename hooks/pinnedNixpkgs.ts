/** The release that is taken where nobody names another: https://releases.nixos.org/?prefix=nixos/25.11/ */
export const pinnedNixpkgs =
  'https://releases.nixos.org/nixos/25.11/nixos-25.11.9320.1766437c5509/nixexprs.tar.xz';
