# An overlay as people write them: one package more, and one changed.
final: prev: {
  greeting = final.writeScriptBin "greeting" ''
    #!${final.bash}/bin/bash
    exec ${prev.hello}/bin/hello --greeting="hello from an overlay"
  '';
  hello = prev.hello // { meta = prev.hello.meta // { changed = true; }; };
}
