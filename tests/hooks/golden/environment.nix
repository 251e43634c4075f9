{ pkgs ? import <nixpkgs> { } }:

let
  packagesOf =
    reference:
    let
      flake = builtins.getFlake reference;
      inherit (pkgs.stdenv.hostPlatform) system;
    in
    flake.legacyPackages.${system} or { } // flake.packages.${system} or { };
in
pkgs.dockerTools.buildLayeredImage {
  name = "environment";
  tag = "v1";
  contents = with pkgs; [
    (buildEnv {
      name = "environment";
      paths = with pkgs; [ curl (packagesOf "github:owner/repo").cli (python3.withPackages (ps: [ ps.requests ])) ];
      pathsToLink = [ "/bin" "/share/man" ];
      ignoreCollisions = true;
      checkCollisionContents = false;
      ignoreSingleFileOutputs = true;
      includeClosures = true;
      extraOutputsToInstall = [ "man" ];
      extraPrefix = "/opt/\${x}";
    })
    dockerTools.caCertificates
    dockerTools.fakeNss
    dockerTools.usrBinEnv
  ];
  debug = true;
  layeringPipeline = [
    [ "subcomponent_out" [ pkgs.curl.dev pkgs."if"."; x" ] ]
    [ "over" "rest" [ "pipe" [ [ "popularity_contest" ] [ "limit_layers" 10 ] ] ] ]
  ];
  extraExcludePaths = [ pkgs.gcc pkgs."my.pkg" ];
  extraCommands = ''
    mkdir -p tmp
    chmod 1777 tmp
  '';
  config = { Env = [ "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt" ]; };
}
