# An archive of locales, where nixpkgs has it. The machine's localedef compiles it from Debian's sources.
{ lib, runCommand, sources, allLocales ? true, locales ? [ "en_US.UTF-8/UTF-8" ] }:
runCommand "glibc-locales" { } ''
  ${if allLocales then "echo 'The demo package set compiles locales that are named, not all of them.' >&2; exit 1" else ""}
  export I18NPATH=${sources}/share/i18n
  mkdir -p root/usr/lib/locale "$out/lib/locale" "$out/usr/lib/locale"
  for locale in ${lib.concatStringsSep " " (map lib.escapeShellArg locales)}; do
    name=''${locale%/*}
    localedef --prefix="$PWD/root" --inputfile="''${name%.*}" --charmap="''${locale#*/}" "$name"
  done
  cp root/usr/lib/locale/locale-archive "$out/lib/locale/"
  # Debian's glibc knows no LOCALE_ARCHIVE, and looks here.
  ln -s "$out/lib/locale/locale-archive" "$out/usr/lib/locale/"
''
