{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage { name = "curl-and-jq"; tag = "v1"; contents = with pkgs; [ curl jq bash ]; }
