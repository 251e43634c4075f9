{ pkgs ? import <nixpkgs> {
  config = {
    permittedInsecurePackages = [ "openssl-1.1.1w" ];
    cudaSupport = true;
    free = { form = [ 1 (-1) (builtins.fromJSON "1.5") null "x" ]; };
    allowUnfreePredicate = package: builtins.elem (package.pname or (builtins.parseDrvName package.name).name) [
      "proprietary"
    ];
  };
  overlays = [
    (import (builtins.toFile "data.overlays.0.nix" ''
      final: prev: {
        greeting = final.writeText "a" '''
          ''${final.system}
        ''';
      }
    ''))
    (import (builtins.toFile "data.overlays.1.nix" "final: prev: { }"))
  ];
} }:

pkgs.dockerTools.buildLayeredImage { name = "packages"; tag = "v1"; contents = with pkgs; [ greeting ]; }
