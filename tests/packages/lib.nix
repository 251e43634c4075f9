# The few functions of nixpkgs' lib that this set and people's overlays use.
rec {
  # Tells this set from nixpkgs.
  version = "demo";
  trivial = { inherit version; release = version; };

  inherit (builtins) foldl' isList isString head filter attrNames elem concatStringsSep;

  fix = f: let self = f self; in self;
  extends = base: overlay: final: let prev = base final; in prev // overlay final prev;
  toList = value: if isList value then value else [ value ];
  optionalAttrs = condition: set: if condition then set else { };
  optional = condition: value: if condition then [ value ] else [ ];
  genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
  escapeShellArg = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";

  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  removePrefix = prefix: text:
    if hasPrefix prefix text then builtins.substring (builtins.stringLength prefix) (-1) text else text;

  toLower =
    let
      upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
      lower = "abcdefghijklmnopqrstuvwxyz";
      characters = text: builtins.genList (n: builtins.substring n 1 text) (builtins.stringLength text);
    in
    builtins.replaceStrings (characters upper) (characters lower);

  # Calls a function, or the function in a file, with what it asks for by name.
  callPackageWith = pkgs: functionOrFile: more:
    let function = if builtins.isFunction functionOrFile then functionOrFile else import functionOrFile;
    in function (builtins.intersectAttrs (builtins.functionArgs function) pkgs // more);

  # A package that can be made again with other arguments, as nixpkgs' callPackage gives it.
  makeOverridable = function: arguments:
    function arguments // { override = more: makeOverridable function (arguments // more); };

  # Joins two parts of a store name, leaving out what it may not hold.
  storeName = name: builtins.concatStringsSep "-" (filter isString (builtins.split "[^A-Za-z0-9+._?=-]+" name));
}
