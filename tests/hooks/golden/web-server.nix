{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "web-server";
  tag = "v1";
  contents = with pkgs; [
    python3
    python3Packages.requests
    dockerTools.caCertificates
    dockerTools.fakeNss
    dockerTools.usrBinEnv
  ];
  maxLayers = 40;
  extraCommands = ''
    mkdir -p tmp
    chmod 1777 tmp
  '';
  config = {
    Entrypoint = [ "python3" "-m" "http.server" ];
    Cmd = [ "8080" ];
    Env = [ "SSL_CERT_FILE=/own.crt" "PRICE=\$5 in \${CURRENCY}" ];
    WorkingDir = "/srv";
    User = "1000";
    ExposedPorts = { "8080/tcp" = { }; "53/udp" = { }; };
    Labels = { "org.opencontainers.image.title" = "web-server"; plain = "\"quoted\" \\ and\na new line"; };
    StopSignal = "SIGINT";
    Volumes = { "/srv/data" = { }; };
  };
}
