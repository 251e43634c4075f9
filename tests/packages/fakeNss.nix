# The files that turn numbers into users and groups, and names into hosts.
{ lib, symlinkJoin, writeTextDir, runCommand, extraPasswdLines ? [ ], extraGroupLines ? [ ] }:
let
  linesOf = lines: lib.concatStringsSep "" (map (line: line + "\n") lines);
in
symlinkJoin {
  name = "fake-nss";
  paths = [
    (writeTextDir "etc/passwd" ''
      root:x:0:0:root user:/var/empty:/bin/sh
      ${linesOf extraPasswdLines}nobody:x:65534:65534:nobody:/var/empty:/bin/sh
    '')
    (writeTextDir "etc/group" ''
      root:x:0:
      ${linesOf extraGroupLines}nobody:x:65534:
    '')
    (writeTextDir "etc/nsswitch.conf" ''
      hosts: files dns
    '')
    (runCommand "var-empty" { } "mkdir -p \"$out/var/empty\"")
  ];
}
