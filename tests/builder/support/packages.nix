# A package set of a few lines: each build is one shell script, so that a test takes a tenth of a second.
# `unique` is in every derivation: a test that builds afresh gives its own.
{ unique }:
{ ... }:
let
  sh = name: script: derivation {
    inherit name unique script;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-e" "-c" ". $scriptPath" ];
    passAsFile = [ "script" ];
    PATH = "/usr/bin:/bin";
  };

  # What nixpkgs' dockerTools gives: `.stream.conf` beside the archive. Each entry is a layer of its own.
  layered = { withStream }: { name, tag ? "latest", contents ? [ ], config ? { }, fromImage ? null, created ? "1970-01-01T00:00:01Z", maxLayers ? 100 }:
    let
      customisation = sh "${name}-customisation-layer" ''
        mkdir $out root
        for entry in ${toString contents}; do echo $entry; done > root/contents
        tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner -cf $out/layer.tar -C root .
        sha256sum $out/layer.tar | cut -d' ' -f1 > $out/checksum
      '';
      conf = derivation {
        name = "${name}-conf.json";
        inherit unique;
        system = builtins.currentSystem;
        builder = "/bin/sh";
        args = [ "-c" "cat $textPath > $out" ];
        PATH = "/usr/bin:/bin";
        passAsFile = [ "text" ];
        text = builtins.toJSON {
          architecture = "amd64";
          os = "linux";
          inherit config;
          store_dir = builtins.storeDir;
          from_image = fromImage;
          store_layers = map (entry: [ "${entry}" ]) contents;
          customisation_layer = "${customisation}";
          repo_tag = "${name}:${tag}";
          created = if created == "now" then "now" else "1970-01-01T00:00:01+00:00";
          mtime = "1970-01-01T00:00:01+00:00";
          uid = "0";
          gid = "0";
          uname = "root";
          gname = "root";
        };
      };
      # A docker-archive of the customisation layer and one layer an entry.
      archive = sh "${name}.tar.gz" ''
        mkdir image
        cd image
        layers= ids=
        add() {
          sum=$(sha256sum $1 | cut -d' ' -f1)
          mkdir -p $sum
          cp $1 $sum/layer.tar
          layers="$layers''${layers:+,}\"$sum/layer.tar\""
          ids="$ids''${ids:+,}\"sha256:$sum\""
        }
        for entry in ${toString contents}; do
          tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner -cPf ../layer.tar $entry
          add ../layer.tar
        done
        add ${customisation}/layer.tar
        printf '{"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:01+00:00","config":{"Env":["A=archive"]},"rootfs":{"type":"layers","diff_ids":[%s]},"history":[]}' "$ids" > config.json
        printf '[{"Config":"config.json","RepoTags":["${name}:${tag}"],"Layers":[%s]}]' "$layers" > manifest.json
        tar -czf $out *
      '';
    in archive // (if withStream then { stream = conf // { inherit conf; }; } else { });

  self = {
    curl = sh "curl-1" "mkdir -p $out/bin; echo '#!/bin/sh' > $out/bin/curl; chmod +x $out/bin/curl";
    bash = sh "bash-1" "mkdir $out; echo bash > $out/bash; ln -s bash $out/sh";
    jq = sh "jq-1" "mkdir $out; echo jq > $out/jq";
    broken = sh "broken-1" "i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; done; exit 3";
    needsBroken = sh "needs-broken-1" "echo ${self.broken}";
    talkative = sh "talkative-1" "yes 'a line of a log that is quite long, as they are' | head -c 10000000; exit 1";
    noNewline = sh "no-newline-1" "head -c 10000000 /dev/zero | tr '\\0' x; mkdir $out";
    fullDisk = sh "full-1" "echo 'cp: No space left on device' >&2; exit 1";
    large = sh "large-1" "head -c 8000000 /dev/urandom > $out";
    # Ends when the file exists whose path is in `unique`, so that a test decides how slow it is.
    waiting = sh "waiting-1" "echo waiting; while [ ! -e ${unique} ]; do sleep 0.05; done; mkdir $out";
    wrongHash = derivation {
      name = "wrong-1";
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-c" "echo hi > $out" ];
      outputHashMode = "flat";
      outputHashAlgo = "sha256";
      outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
      inherit unique;
    };
    unfree = throw "Package ‘unfree-1’ in /x.nix:3 has an unfree license (‘unfree’), refusing to evaluate.";
    thrower = throw "no such luck";
    missingInside = (x: x.missing) { };
    python3Packages = { requests = sh "requests-1" "mkdir $out"; };
    function = x: x;
    number = 3;
    text = "curl";
    list = [ ];
    # Many entries, each with contents of its own.
    many = builtins.listToAttrs (builtins.genList
      (n: { name = "p${toString n}"; value = sh "p${toString n}" "echo ${toString n} > $out"; })
      200);
    baseImage = layered { withStream = false; } { name = "base"; contents = [ self.bash ]; };
    dockerTools.buildLayeredImage = layered { withStream = true; };
    # nixpkgs before March 2024.
    old = self // { dockerTools.buildLayeredImage = layered { withStream = false; }; };
  };
in
self
