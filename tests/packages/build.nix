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

  buildEnv = { name, paths, pathsToLink ? [ "/" ], postBuild ? "", ... }: symlinkJoin {
    inherit name paths;
    postBuild = (if lib.elem "/" pathsToLink then "" else ''
      cd "$out"
      for entry in *; do
        case " ${toString pathsToLink} " in *" /$entry "*) ;; *) rm -r "$entry" ;; esac
      done
    '') + postBuild;
  };
}
