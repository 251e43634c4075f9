# The image's description as JSON, with nixpkgs' keys. The store paths are grouped into layers here.
{ lib, pkgs }:
{ baseName, imageName, tag, paths, customisationLayer, fixed, fromImage, maxLayers, created, mtime, includeStorePaths, extraExcludePaths }:
let
  # All that the image must hold: the contents, and what the configuration names.
  roots = pkgs.writeText "${baseName}-roots.json" (builtins.toJSON [ (map toString paths) fixed.config ]);

  conf = pkgs.runCommand "${baseName}-conf.json"
    {
      exportReferencesGraph = [ "graph" roots ];
      excluded = lib.concatStringsSep "\n" (map toString ([ roots ] ++ extraExcludePaths));
      fixed = builtins.toJSON fixed;
      passAsFile = [ "fixed" "excluded" ];
      inherit imageName created mtime maxLayers customisationLayer;
      fromImage = if fromImage == null then "" else fromImage;
      tag = if tag == null then "" else tag;
      includeStorePaths = if includeStorePaths then "1" else "";
    } ''
    . ${./conf.sh}
  '';
in
conf // {
  # Without a tag it is the hash in the path of this very file.
  imageTag =
    if tag != null then tag
    else builtins.substring 0 32 (baseNameOf (builtins.unsafeDiscardStringContext conf.outPath));
}
