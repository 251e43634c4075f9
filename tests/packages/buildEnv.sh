# Links the files of packages into $out. Sourced by the builder of buildEnv in build.nix.

# Whether a path in a package is one of those to link, or below one.
is_wanted() {
  local wanted
  while IFS= read -r wanted || [ -n "$wanted" ]; do
    wanted=${wanted%/}
    case $1 in "$wanted" | "$wanted"/*) return 0 ;; esac
  done < "$toLinkPath"
  return 1
}

# $1: the file in the package, $2: where to link it.
link_file() {
  if [ -e "$2" ] || [ -L "$2" ]; then
    if [ -n "$ignoreCollisions" ]; then return; fi
    if [ "$(readlink -f "$1")" = "$(readlink -f "$2")" ]; then return; fi
    if [ -n "$checkCollisionContents" ] && cmp -s "$1" "$2"; then return; fi
    printf '%s\n' "pkgs.buildEnv error: two given paths contain a conflicting subpath:" \
      "  \`$(readlink "$2")' and" "  \`$1'" >&2
    return 1
  fi
  mkdir -p "$(dirname "$2")"
  ln -s "$1" "$2"
}

mkdir -p "$out$extraPrefix"
while IFS= read -r package; do
  if [ ! -d "$package" ]; then
    if [ -n "$ignoreSingleFileOutputs" ]; then continue; fi
    echo "The store path $package is a file and can't be merged into an environment using pkgs.buildEnv!" >&2
    exit 1
  fi
  while IFS= read -r -d '' file; do
    if is_wanted "/$file"; then link_file "$package/$file" "$out$extraPrefix/$file"; fi
  done < <(cd "$package" && find . ! -type d -printf '%P\0' | sort -z)
done < "$listPath"
