{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "shell";
  tag = "latest";
  contents = with pkgs; [ busybox dockerTools.caCertificates dockerTools.fakeNss dockerTools.usrBinEnv ];
  extraCommands = ''
    mkdir -p tmp
    chmod 1777 tmp
  '';
  config = {
    Cmd = [ "/bin/sh" ];
    Env = [ "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt" ];
    Labels = { "k8s.nixos.org/package-set" = "demo"; };
  };
}
