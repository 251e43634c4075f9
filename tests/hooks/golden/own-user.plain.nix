{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "own-user";
  tag = "v1";
  fromImage = pkgs.images."my base";
  contents = with pkgs; [
    bash
    (dockerTools.fakeNss.override {
      extraPasswdLines = [ "app:x:70:71:app:/srv/app:/bin/sh" ];
      extraGroupLines = [ "app:x:71:" ];
    })
  ];
  fakeRootCommands = ''
    mkdir -p ./srv/app
    chown 70:71 ./srv/app
    chown 70 .
  '';
  config = { Env = [ "HOME=/tmp" "LANG=C.UTF-8" ]; User = "70:71"; };
}
