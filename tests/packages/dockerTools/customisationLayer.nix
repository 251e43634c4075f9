# The last layer: links to the files of all contents, and what the commands make of them.
{ lib, pkgs }:
{ baseName, paths, extraCommands, fakeRootCommands, mtime, uid, gid, uname, gname }:
let
  links = pkgs.symlinkJoin { name = "${baseName}-bundle"; inherit paths; };
in
pkgs.runCommand "${baseName}-customisation-layer"
{
  inherit extraCommands fakeRootCommands links mtime;
  owner = "${uname}:${toString uid}";
  group = "${gname}:${toString gid}";
  passAsFile = [ "extraCommands" "fakeRootCommands" ];
} ''
  mkdir root "$out"
  cp -a "$links"/. root/
  chmod -R u+w root
  (cd root && . "$extraCommandsPath")
  export TAR_OPTIONS="--sort=name --format=gnu --hard-dereference --mtime=$mtime"
  if [ -s "$fakeRootCommandsPath" ]; then
    # Owners and device files that the commands make are only remembered by fakeroot: it packs, too.
    fakeroot bash -euo pipefail -c '
      chown -R "''${owner#*:}:''${group#*:}" root
      (cd root && . "$fakeRootCommandsPath")
      tar -cf "$out/layer.tar" -C root .'
  else
    tar -cf "$out/layer.tar" -C root --owner="$owner" --group="$group" .
  fi
  sha256sum "$out/layer.tar" | cut -d ' ' -f 1 > "$out/checksum"
''
