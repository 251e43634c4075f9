{ lib, config, pkgs }: { }
