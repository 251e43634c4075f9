# `python3.withPackages (ps: [ ps.requests ])`: an interpreter that finds these modules, and those that they need.
{ lib, bash, python3, python3Packages, runCommand }:
select:
let
  # Debian's packages name what they need; python3 itself and programs are among it.
  needed = builtins.genericClosure {
    startSet = map item (select python3Packages);
    operator = { module, ... }: map item module.deps;
  };
  item = module: { key = module.drvPath; inherit module; };
in
runCommand "${python3.pname}-${python3.version}-env"
{
  modules = map ({ module, ... }: module) needed;
} ''
  mkdir -p "$out/bin" "$out/lib/python3/dist-packages"
  for module in $modules; do
    if [ "$module" = ${python3} ] || [ ! -d "$module/lib/python3/dist-packages" ]; then continue; fi
    cp -rsn "$module"/lib/python3/dist-packages/. "$out/lib/python3/dist-packages/"
    chmod -R u+w "$out"
  done
  for name in python3 python; do
    cat > "$out/bin/$name" <<END
  #!${bash}/bin/bash
  export PYTHONPATH="$out/lib/python3/dist-packages\''${PYTHONPATH:+:\$PYTHONPATH}"
  exec ${python3}/bin/python3 "\$@"
  END
    chmod +x "$out/bin/$name"
  done
''
