# A package set made of Debian's packages, used as <nixpkgs> where no Nix cache can be reached.
# lock.json and debs/ are put beside this file at set-up (scripts/packages.mjs).
{ system ? builtins.currentSystem
, overlays ? [ ]
, config ? { }
, ...
}:
let
  lib = import ./lib.nix;

  base = final:
    let
      build = import ./build.nix { inherit lib system; };
      inherit (import ./debian.nix { inherit lib system build; }) packages pythonModules;
    in
    packages // build // {
      inherit lib system config overlays;
      pkgs = final;
      stdenv.hostPlatform = { inherit system; };
      callPackage = lib.callPackageWith final;
      extend = overlay: import ./. { inherit system config; overlays = overlays ++ [ overlay ]; };

      python3 = packages.python3 // {
        pkgs = final.python3Packages;
        withPackages = import ./pythonEnv.nix { inherit lib; inherit (final) bash python3 python3Packages runCommand; };
      };
      python3Packages = pythonModules;

      # nixpkgs keeps these two apart; Debian's bash is the interactive one.
      bashInteractive = final.bash;
      busybox-static = final.busybox;
      fakeNss = lib.makeOverridable (import ./fakeNss.nix) {
        inherit lib;
        inherit (final) symlinkJoin writeTextDir runCommand;
      };
      glibcLocales = lib.makeOverridable (import ./glibcLocales.nix) {
        inherit lib;
        inherit (final) runCommand;
        sources = final.locales;
      };
      dockerTools = import ./dockerTools { inherit lib system; pkgs = final; };
    } // import ./fixtures.nix { inherit lib config; pkgs = final; };
in
lib.fix (lib.foldl' lib.extends base overlays)
