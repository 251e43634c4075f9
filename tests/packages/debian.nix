# Debian packages as derivations, one for each unit of lock.json.
{ lib, system, build }:
let
  lock = builtins.fromJSON (builtins.readFile ./lock.json);
  adjust = import ./adjust.nix;

  fetch = { file, name, sha256 }: builtins.path {
    path = ./debs + "/${file}";
    inherit name sha256;
    recursive = false;
  };

  make = unit: { version, debs, outputs, deps }:
    let
      extra = lib.attrNames outputs;
      pname = adjust.pname.${unit} or unit;
      script = adjust.script.${unit} or null;
    in
    build.runCommand "${pname}-${version}"
      ({
        debs = map fetch debs;
        deps = map (dep: units.${dep}) deps ++ map (dep: units.${dep}) (adjust.scriptDeps.${unit} or [ ]);
        outputs = [ "out" ] ++ extra;
        # libc6 holds the loader itself: nothing there may be patched.
        patch = if unit == "libc6" then "" else "1";
      } // builtins.listToAttrs (map (output: { name = "${output}_deb"; value = fetch outputs.${output}; }) extra))
      ''
        . ${./unpack.sh}
        ${lib.concatStringsSep "\n" (map (output: "unpack_output ${output}") extra)}
        ${if script == null then "" else script units}
      ''
    // { inherit pname version; meta = { inherit (lock) origin; }; };

  # `python3Packages.six` is `six` of the modules, and no package beside the others.
  isModule = name: lib.hasPrefix modulePrefix name;
  modulePrefix = "python3Packages.";

  units = builtins.mapAttrs make lock.units;
in
{
  packages = builtins.mapAttrs (_: unit: units.${unit})
    (removeAttrs lock.attributes (lib.filter isModule (lib.attrNames lock.attributes)));
  pythonModules = builtins.listToAttrs (map
    (name: { name = lib.removePrefix modulePrefix name; value = units.${lock.attributes.${name}}; })
    (lib.filter isModule (lib.attrNames lock.attributes)));
}
