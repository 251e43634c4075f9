{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "own-user";
  tag = "v1";
  contents = with pkgs; [
    bash
    dockerTools.caCertificates
    (dockerTools.fakeNss.override {
      extraPasswdLines = [ "web:x:1000:1000:web:/home/web:/bin/sh" ];
      extraGroupLines = [ "web:x:1000:" ];
    })
    dockerTools.usrBinEnv
    (glibcLocales.override { allLocales = false; locales = [ "de_DE.UTF-8/UTF-8" ]; })
    tzdata
    (writeTextFile {
      name = "app.conf";
      destination = "/etc/app.conf";
      text = ''
        [app]
          port = 80
      '';
    })
    (writeTextFile { name = "dot-hidden"; destination = "/etc/.hidden"; text = "no end of line"; })
    (writeTextFile {
      name = "run";
      destination = "/bin/run";
      text = ''
        #!/bin/sh
        echo "''${HOME}"
      '';
      executable = true;
    })
  ];
  extraCommands = ''
    mkdir -p tmp
    chmod 1777 tmp
  '';
  fakeRootCommands = ''
    mkdir -p ./home/web
    chown 1000:1000 ./home/web
  '';
  config = {
    Cmd = [ "/bin/bash" ];
    Env = [
      "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt"
      "HOME=/home/web"
      "LANG=de_DE.UTF-8"
      "LOCALE_ARCHIVE=/lib/locale/locale-archive"
      "TZ=Europe/Berlin"
      "TZDIR=/share/zoneinfo"
    ];
    User = "1000:1000";
  };
}
