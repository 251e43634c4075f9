{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "curl-and-jq";
  tag = "v1";
  contents = with pkgs; [ curl jq bash dockerTools.caCertificates dockerTools.fakeNss dockerTools.usrBinEnv ];
  extraCommands = ''
    mkdir -p tmp
    chmod 1777 tmp
  '';
  config = { Cmd = [ "/bin/bash" ]; Env = [ "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt" ]; };
}
