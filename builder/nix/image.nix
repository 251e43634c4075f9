# How the builder looks at an image's expression, in one evaluation. The expression's own text is not changed:
# only its `import` is, so that the package set it imports has a `dockerTools.buildLayeredImage` that first checks
# each entry of `contents`, and a `buildEnv` that checks each of its `paths`. Whatever goes wrong while an entry is
# evaluated then carries that entry's number.
{ expression
  # JSON object: which commit each flake that the expression names is.
, flakes ? "{}"
  # For `names`: JSON list of the attributes that lead to the set whose names are asked for, in the packages of the
  # flake where one is named.
, prefix ? "[]"
, flake ? ""
}:
let
  pins = builtins.fromJSON flakes;
  getFlake = reference: builtins.getFlake (pins.${reference} or reference);

  say = list: number: "niximage:${list}:${toString number}";

  isPackage = value: builtins.isAttrs value && value.type or null == "derivation";

  checked = list: number: value:
    builtins.addErrorContext (say list number) (
      if isPackage value then builtins.seq value.drvPath value
      else if builtins.isPath value || list == "paths" && builtins.isString value then value
      else throw "${say list number}: is not a package but a ${builtins.typeOf value}"
    );

  checkedAll = list: values:
    if builtins.isList values
    then builtins.genList (n: checked list n (builtins.elemAt values n)) (builtins.length values)
    else checked list 0 values;

  # `values` with its list of this name checked.
  checkedIn = list: values:
    values // (if values ? ${list} then { ${list} = checkedAll list values.${list}; } else { });

  # nixpkgs' `buildEnv` can be called, and has attributes too. What it gives remembers its packages.
  checkedBuildEnv = build:
    let call = arguments: build (checkedIn "paths" arguments) // { niximagePaths = arguments.paths; };
    in if builtins.isAttrs build then build // { __functor = _: call; } else call;

  # `tools` is what the package set has under dockerTools; `answer` is what its buildLayeredImage is to do.
  withTools = answer: packages:
    if builtins.isAttrs packages && packages ? dockerTools.buildLayeredImage
    then packages // (if packages ? buildEnv then { buildEnv = checkedBuildEnv packages.buildEnv; } else { }) // {
      dockerTools = packages.dockerTools // {
        buildLayeredImage = answer packages packages.dockerTools.buildLayeredImage;
      };
    }
    else packages;

  importing = answer: path:
    let value = import path;
    in if builtins.isFunction value then arguments: withTools answer (value arguments)
    else withTools answer value;

  resultOf = answer:
    let
      scope = { import = importing answer; builtins = builtins // { inherit getFlake; }; };
      value = builtins.scopedImport scope (/. + expression);
    in if builtins.isFunction value then value { } else value;

  image = resultOf (_: build: arguments: build (checkedIn "contents" arguments));

  # The package set and the arguments, with nothing built.
  seen = resultOf (packages: _: arguments: { inherit packages arguments; });

  flakePackages =
    let found = getFlake flake; system = builtins.currentSystem;
    in found.legacyPackages.${system} or { } // found.packages.${system} or { };

  drvOf = value: value.drvPath or null;

  namesIn = set: path:
    if !(builtins.isAttrs set) then [ ]
    else if path == [ ] then builtins.attrNames set
    else if builtins.hasAttr (builtins.head path) set
    then namesIn (builtins.getAttr (builtins.head path) set) (builtins.tail path)
    else [ ];
in
{
  # nixpkgs before March 2024 has no `.stream.conf`: the archive is what can be built there.
  conf = if image ? stream.conf then image.stream.conf else image;
  archive = image;
  names = namesIn (if flake == "" then seen.packages or { } else flakePackages) (builtins.fromJSON prefix);
  # In the place of an environment, a list of what it is made of.
  derivations = map (value: if value ? niximagePaths then map drvOf value.niximagePaths else drvOf value) (
    let contents = seen.arguments.contents or [ ]; in if builtins.isList contents then contents else [ contents ]
  );
}
