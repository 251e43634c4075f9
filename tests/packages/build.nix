# Builders for small things: the tools are the machine's own, so that nothing has to be there first.
{ lib, system }:
let
  # `passAsFile` keeps long values out of the environment, whose variables are bounded at 128 KiB.
  runCommand = name: attributes: command: derivation ({
    name = lib.storeName name;
    inherit system;
    PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
    LC_ALL = "C";
    builder = "/bin/bash";
    args = [ "-euo" "pipefail" "-c" ". \"$commandPath\"" ];
    inherit command;
  } // attributes // {
    passAsFile = [ "command" ] ++ attributes.passAsFile or [ ];
  });

  symlinkJoin = { name, paths, postBuild ? "", ... }: runCommand name
    {
      list = lib.concatStringsSep "\n" (map toString (lib.filter (path: path != null) paths));
      passAsFile = [ "list" ];
    }
    ''
      mkdir "$out"
      while IFS= read -r path; do
        if [ ! -d "$path" ]; then
          echo "$path is a file: only folders can be joined" >&2
          exit 1
        fi
        # Of two files of one name the first wins, as in nixpkgs.
        cp -rsT --no-clobber --no-preserve=mode "$path" "$out"
      done < <(awk '!seen[$0]++' "$listPath")
      ${postBuild}
    '';
in
rec {
  inherit runCommand symlinkJoin;
  runCommandLocal = runCommand;

  writeTextFile = { name, text, executable ? false, destination ? "" }:
    runCommand name { inherit text destination; passAsFile = [ "text" ]; } ''
      if [ -n "$destination" ]; then mkdir -p "$(dirname "$out$destination")"; fi
      cp "$textPath" "$out$destination"
      ${if executable then "chmod +x \"$out$destination\"" else ""}
    '';
  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir = path: text: writeTextFile { name = baseNameOf path; inherit text; destination = "/${path}"; };
  writeScriptBin = name: text: writeTextFile { inherit name text; executable = true; destination = "/bin/${name}"; };

  # Links to the files of packages, as nixpkgs' builder.pl makes them.
  buildEnv =
    { name
    , paths
    , pathsToLink ? [ "/" ]
    , ignoreCollisions ? false
    , checkCollisionContents ? true
    , ignoreSingleFileOutputs ? false
    , extraOutputsToInstall ? [ ]
    , extraPrefix ? ""
    , includeClosures ? false
    , postBuild ? ""
    , ...
    }:
    let
      outputsOf = path:
        [ path ] ++ map (output: path.${output}) (lib.filter (output: path ? ${output}) extraOutputsToInstall);
      flag = value: if value then "1" else "";
    in
    if includeClosures then throw "The demo package set's buildEnv knows no includeClosures."
    else
      runCommand name
        {
          list = lib.concatStringsSep "\n" (map toString (builtins.concatMap outputsOf paths) ++ [ "" ]);
          toLink = lib.concatStringsSep "\n" pathsToLink;
          passAsFile = [ "list" "toLink" ];
          ignoreCollisions = flag ignoreCollisions;
          checkCollisionContents = flag checkCollisionContents;
          ignoreSingleFileOutputs = flag ignoreSingleFileOutputs;
          inherit extraPrefix;
        } ''
        . ${./buildEnv.sh}
        ${postBuild}
      '';
}
