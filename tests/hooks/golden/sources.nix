{ pkgs ? import <nixpkgs> { overlays = [ (import <mytools>) (import (<unused> + "/overlays/one.nix")) ]; } }:

let
  packagesOf =
    reference:
    let
      flake = builtins.getFlake reference;
      inherit (pkgs.stdenv.hostPlatform) system;
    in
    flake.legacyPackages.${system} or { } // flake.packages.${system} or { };
  mytools = pkgs.callPackage <mytools> { };
  flaked = packagesOf "github:owner/repo";
in
pkgs.dockerTools.buildLayeredImage {
  name = "sources";
  tag = "v1";
  contents = with pkgs; [ mytools.cli flaked."a b" jq ];
}
