# The part of nixpkgs' dockerTools that images are made with: the same names, arguments and answers.
{ lib, system, pkgs }:
let
  streamLayeredImage = import ./stream.nix { inherit lib pkgs; };
in
{
  inherit streamLayeredImage;
  inherit (pkgs) fakeNss;

  pullImage = import ./pullImage.nix { inherit lib system; inherit (pkgs) runCommand; };

  buildLayeredImage = { name, compressor ? "gz", ... }@arguments:
    let
      stream = streamLayeredImage (removeAttrs arguments [ "compressor" ]);
      compress = {
        none = { command = "cat"; extension = ""; };
        gz = { command = "gzip -nc"; extension = ".gz"; };
        zstd = { command = "zstd -qc"; extension = ".zst"; };
      }.${compressor};
    in
    pkgs.runCommand "${baseNameOf name}.tar${compress.extension}" { } ''
      ${stream} | ${compress.command} > "$out"
    '' // { inherit stream; inherit (stream) imageName imageTag; };

  usrBinEnv = pkgs.runCommand "usr-bin-env" { } ''
    mkdir -p "$out/usr/bin"
    ln -s ${pkgs.coreutils}/bin/env "$out/usr/bin/env"
  '';

  binSh = pkgs.runCommand "bin-sh" { } ''
    mkdir -p "$out/bin"
    ln -s ${pkgs.bashInteractive}/bin/bash "$out/bin/sh"
  '';

  # The bundle in each place where distributions' programs look for it.
  caCertificates = pkgs.runCommand "ca-certificates" { } ''
    mkdir -p "$out/etc/ssl/certs" "$out/etc/pki/tls/certs"
    for place in ssl/certs/ca-bundle.crt ssl/certs/ca-certificates.crt pki/tls/certs/ca-bundle.crt; do
      ln -s ${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt "$out/etc/$place"
    done
  '';
}
