{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "arguments";
  tag = "v1";
  fromImage = pkgs.dockerTools.pullImage {
    imageName = "registry.example/base";
    imageDigest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    arch = "arm64";
    tlsVerify = false;
  };
  contents = with pkgs; [ curl.dev dockerTools.caCertificates dockerTools.fakeNss dockerTools.usrBinEnv ];
  maxLayers = 40;
  created = "now";
  mtime = "2026-01-31T12:00:00Z";
  uid = 7;
  gid = 8;
  uname = "seven";
  gname = "eight";
  architecture = "arm64";
  compressor = "zstd";
  includeStorePaths = false;
  includeNixDB = true;
  enableFakechroot = true;
  extraCommands = "mkdir -p tmp\nchmod 1777 tmp\necho ''\${x}''\n";
  fakeRootCommands = ''
    mknod null c 1 3

    chmod 666 null
  '';
  config = { Env = [ "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt" ]; };
}
