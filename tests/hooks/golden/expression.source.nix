{ pkgs ? import <nixpkgs> { } }:

let
  given = (import (<images> + "/web.nix"));
  image = if builtins.isFunction given then given { inherit pkgs; } else given;
in
if image ? imageTag then image else throw "data.expression gives no image; it is to give what dockerTools.buildLayeredImage gives, or a function of { pkgs } that does"
