{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "names.of-all-kinds";
  tag = "v1";
  contents = with pkgs; [
    pkgs.map
    pkgs.import
    pkgs.pkgs
    pkgs."or"
    pkgs."with"
    pkgs."7zz"
    pkgs."my.pkg"
    a."if"."x y"
    pkgs.__add
    pkgs."g++"
    x'
    pkgs."\${x}"
  ];
}
