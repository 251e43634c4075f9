{ pkgs ? import <nixpkgs> { } }:

pkgs.dockerTools.buildLayeredImage {
  name = "sets";
  tag = "v1";
  contents = with pkgs; [
    curl
    (python3.withPackages (ps: [ ps.requests ps.numpy ps."a.b" ]))
    (haskellPackages.ghcWithPackages (ps: [ ps.lens ]))
    (haskell.packages.ghc98.ghcWithPackages (ps: [ ps.lens ]))
    (ghc.withPackages (ps: [ ps.lens ]))
    (rWrapper.override { packages = [ rPackages.ggplot2 rPackages."if" ]; })
    (php83.withExtensions ({ enabled, all }: enabled ++ [ all.redis ]))
    (terraform.withPlugins (ps: [ ps.aws ]))
    (emacs.pkgs.withPackages (ps: [ ps.magit ]))
    (pkgs.map.withPackages (ps: [ ps.x ]))
    (perl.withPackages (ps: [
      ps.Package0
      ps.Package1
      ps.Package2
      ps.Package3
      ps.Package4
      ps.Package5
      ps.Package6
      ps.Package7
      ps.Package8
      ps.Package9
      ps.Package10
      ps.Package11
      ps.Package12
      ps.Package13
      ps.Package14
      ps.Package15
      ps.Package16
      ps.Package17
      ps.Package18
      ps.Package19
    ]))
  ];
}
