{ pkgs ? import <nixpkgs> { overlays = [ (import <mytools>) (import (<unused> + "/overlays/one.nix")) ]; } }:

let
  mytools = pkgs.callPackage <mytools> { };
  flaked = (builtins.getFlake (toString <flaked>)).packages.${pkgs.stdenv.hostPlatform.system};
in
pkgs.dockerTools.buildLayeredImage {
  name = "sources";
  tag = "v1";
  contents = with pkgs; [ mytools.cli flaked."a b" jq ];
}
