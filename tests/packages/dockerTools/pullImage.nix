# An image of a registry as a docker-archive. The machine's skopeo fetches it.
{ lib, system, runCommand }:
{ imageName
, imageDigest
, hash
, os ? "linux"
, arch ? { x86_64-linux = "amd64"; aarch64-linux = "arm64"; }.${system}
, finalImageName ? imageName
, finalImageTag ? "latest"
, tlsVerify ? true
}:
runCommand "docker-image-${lib.storeName finalImageName}-${finalImageTag}.tar"
{
  inherit imageName imageDigest;
  archiveName = "${finalImageName}:${finalImageTag}";
  outputHash = hash;
  outputHashAlgo = "sha256";
  outputHashMode = "flat";
} ''
  skopeo --insecure-policy --override-os ${os} --override-arch ${arch} copy \
    --src-tls-verify=${if tlsVerify then "true" else "false"} \
    "docker://$imageName@$imageDigest" "docker-archive:$out:$archiveName"
''
