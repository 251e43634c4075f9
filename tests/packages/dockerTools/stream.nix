# A script that writes an image as a docker-archive to its standard output. What it writes is said by `.conf`.
{ lib, pkgs }:
{ name
, tag ? null
, fromImage ? null
, contents ? [ ]
, config ? { }
, architecture ? { x86_64-linux = "amd64"; aarch64-linux = "arm64"; }.${pkgs.system}
, created ? "1970-01-01T00:00:01Z"
, mtime ? "1970-01-01T00:00:01Z"
, uid ? 0
, gid ? 0
, uname ? "root"
, gname ? "root"
, maxLayers ? 100
, extraCommands ? ""
, fakeRootCommands ? ""
, enableFakechroot ? false
, includeStorePaths ? true
, includeNixDB ? false
, extraExcludePaths ? [ ]
, layeringPipeline ? null
, debug ? false
, passthru ? { }
, meta ? { }
}:
if maxLayers < 2 then throw "maxLayers must be at least 2: one layer for the packages and one for the links to them."
else if enableFakechroot then throw "The demo package set has no proot, which enableFakechroot needs."
else if includeNixDB then throw "The demo package set cannot put a Nix database into an image (includeNixDB)."
else if layeringPipeline != null then throw "The demo package set knows no layeringPipeline."
else
  let
    baseName = baseNameOf name;
    paths = lib.toList contents;

    customisationLayer = import ./customisationLayer.nix { inherit lib pkgs; } {
      inherit baseName paths extraCommands fakeRootCommands mtime uid gid uname gname;
    };

    conf = import ./conf.nix { inherit lib pkgs; } {
      inherit baseName paths customisationLayer fromImage maxLayers created mtime tag includeStorePaths extraExcludePaths;
      imageName = lib.toLower name;
      # What the file holds as it stands; the rest is found while it is built.
      fixed = {
        inherit architecture config uname gname;
        os = "linux";
        store_dir = builtins.storeDir;
        from_image = fromImage;
        customisation_layer = customisationLayer;
        uid = toString uid;
        gid = toString gid;
      };
    };
  in
  pkgs.writeTextFile
    {
      name = "stream-${lib.storeName baseName}";
      executable = true;
      text = ''
        #!${pkgs.bash}/bin/bash
        exec ${pkgs.python3}/bin/python3 ${./stream.py} ${conf}
      '';
    } // passthru // {
    inherit conf meta;
    inherit (conf) imageTag;
    imageName = lib.toLower name;
  }
