{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "hello";
  tag = "1.0";
  contents = with pkgs; [ hello dockerTools.caCertificates dockerTools.fakeNss dockerTools.usrBinEnv ];
  extraCommands = ''
    mkdir -p tmp
    chmod 1777 tmp
  '';
  config = { Entrypoint = [ "hello" ]; Env = [ "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt" ]; };
}
