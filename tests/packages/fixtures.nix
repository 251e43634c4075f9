# Attributes that go wrong in each way a package can, and others that only tests need.
{ lib, config, pkgs }:
let
  # A test that builds afresh gives a text of its own: `import <nixpkgs> { config.unique = "..."; }`.
  step = name: command: pkgs.runCommand name { unique = config.unique or ""; } command;

  # Takes so many seconds, a line each.
  slowFor = seconds: step "slow-${toString seconds}" ''
    for second in $(seq 1 ${toString seconds}); do
      echo "step $second of ${toString seconds}"
      sleep 1
    done
    mkdir -p "$out/share"
    echo slow > "$out/share/slow-${toString seconds}"
  '';

  program = name: text: pkgs.writeScriptBin name ''
    #!${pkgs.bash}/bin/bash
    echo "${text}"
  '';
  # A package that nixpkgs refuses, in nixpkgs' words, until its config allows it.
  allowed = pname: version: isAllowed: why:
    if isAllowed then program pname "allowed"
    else
      let position = builtins.unsafeGetAttrPos "here" { here = null; };
      in throw "Package ‘${pname}-${version}’ in ${toString position.file}:${toString position.line} ${why}";
in
{
  broken-build = step "broken-build" ''
    echo unpacking
    echo configuring
    echo "checking for a reason to go on... no"
    exit 1
  '';

  # Fails because of another.
  needs-broken = step "needs-broken" "echo ${pkgs.broken-build} > \"$out\"";

  slow = slowFor (config.slowSeconds or 5);
  slowFor = builtins.listToAttrs
    (builtins.genList (n: { name = "s${toString (n + 1)}"; value = slowFor (n + 1); }) 120);

  # 10 MB of log, then a folder.
  noisy = step "noisy" ''
    head -c 10000000 < <(yes 'a line of a build that says more than anybody reads')
    mkdir -p "$out/share"
    echo noisy > "$out/share/noisy"
  '';

  tools.cli = program "tools-cli" "tools";
  "my.pkg" = program "my.pkg" "a name with a dot";

  no-package-set = { inherit (pkgs) curl; };
  no-package-function = argument: argument;
  no-package-string = "curl";

  throws = throw "this package was removed in 2020";
  endless = pkgs.endless;

  proprietary = allowed "proprietary" "1.0"
    (config.allowUnfree or false || config.allowUnfreePredicate or (_: false) { pname = "proprietary"; })
    "has an unfree license (‘unfree’), refusing to evaluate.";
  insecure = allowed "insecure" "1.0"
    (lib.elem "insecure-1.0" (config.permittedInsecurePackages or [ ]))
    "is marked as insecure, refusing to evaluate.";
  marked-broken = allowed "marked-broken" "1.0" (config.allowBroken or false)
    "is marked as broken, refusing to evaluate.";
  unsupported = allowed "unsupported" "1.0" (config.allowUnsupportedSystem or false)
    "is not available on the requested hostPlatform: hostPlatform.config = \"${pkgs.system}\", refusing to evaluate.";
}
