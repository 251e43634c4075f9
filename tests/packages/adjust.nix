# What a unit needs beyond unpacking, by the name of its Debian package.
{
  # nixpkgs' names.
  pname = {
    busybox-static = "busybox";
    ca-certificates = "cacert";
    grep = "gnugrep";
    nginx-light = "nginx";
    sed = "gnused";
  };

  # Units a script refers to beside Debian's own dependencies.
  scriptDeps.git = [ "bash" ];

  script = {
    bash = _: ''
      ln -s bash "$out/bin/sh"
    '';

    # Debian makes the links and the bundle after the installation.
    busybox-static = _: ''
      for applet in $("$out/bin/busybox" --list); do
        [ -e "$out/bin/$applet" ] || ln -s busybox "$out/bin/$applet"
      done
    '';
    ca-certificates = _: ''
      mkdir -p "$out/etc/ssl/certs"
      for file in "$out"/share/ca-certificates/mozilla/*.crt; do
        cat "$file"
        echo
      done > "$out/etc/ssl/certs/ca-bundle.crt"
      rm -rf "$out/share" "$out/bin" "$out/etc/ca-certificates"
    '';

    # git has the paths of its helpers and templates compiled in.
    git = units: ''
      mv "$out/bin/git" "$out/bin/.git-wrapped"
      cat > "$out/bin/git" <<END
      #!${units.bash}/bin/bash
      export GIT_EXEC_PATH="\''${GIT_EXEC_PATH-$out/lib/git-core}" GIT_TEMPLATE_DIR="\''${GIT_TEMPLATE_DIR-$out/share/git-core/templates}"
      exec -a git "$out/bin/.git-wrapped" "\$@"
      END
      chmod +x "$out/bin/git"
    '';
  };
}
