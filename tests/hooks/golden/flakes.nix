{ pkgs ? import <nixpkgs> { } }:

let
  packagesOf =
    reference:
    let
      flake = builtins.getFlake reference;
      inherit (pkgs.stdenv.hostPlatform) system;
    in
    flake.legacyPackages.${system} or { } // flake.packages.${system} or { };
in
pkgs.dockerTools.buildLayeredImage {
  name = "flakes";
  tag = "v1";
  contents = with pkgs; [
    (packagesOf "github:owner/repo").cli
    (packagesOf "git+https://example.org/a?dir=b&ref=main").default
    (packagesOf "github:owner/repo")."a b".dev
  ];
}
