# Turns Debian packages into a store path: $debs unpacked into $out, linked against $deps.
# Sourced by the builder of each unit; needs dpkg-deb and patchelf.

# The folders of /usr stand at the top, as in Nix, and sbin is bin.
# $1: folder with a Debian tree, $2: where to put it.
merge_usr() {
  mkdir -p "$2"
  if [ -d "$1/usr" ]; then cp -a "$1/usr/." "$2/" && rm -r "$1/usr"; fi
  cp -a "$1/." "$2/"
  if [ -d "$2/sbin" ]; then mkdir -p "$2/bin" && cp -a "$2/sbin/." "$2/bin/" && rm -r "$2/sbin"; fi
}

drop_docs() {
  rm -rf "$1"/share/{doc,doc-base,man,info,lintian,bug,locale,bash-completion,zsh,applications,pixmaps} \
    "$1"/{var,run,tmp} "$1"/etc/{bash_completion.d,cron.daily,default,init.d,logrotate.d,skel,systemd,ufw}
  chmod -R u+w,a-s "$1"
}

# Where a path of the Debian tree is now: below this output, below a dependency, or nowhere.
# $1: absolute path in the Debian tree, $2: the output. Answers in $place.
locate() {
  local path="/$(realpath -ms "$1" | sed -E 's,^/usr/,/,; s,^/sbin/,/bin/,; s,^/,,')" root
  for root in "$2" $deps; do
    if [ -e "$root$path" ] || [ -L "$root$path" ]; then place=$root$path && return; fi
  done
  return 1
}

# Symlinks are taken out before the merge, which moves their ends apart, and put back after it.
# $1: the list of links (path TAB target), $2: the output.
restore_links() {
  local before=-1 left path target place
  cp "$1" todo
  # A link may point at another link that is not there yet.
  while left=$(wc -l < todo) && [ "$left" != 0 ] && [ "$left" != "$before" ]; do
    before=$left
    while IFS=$'\t' read -r path target; do
      case $target in /*) ;; *) target=/$(dirname "$path")/$target ;; esac
      if ! locate "$target" "$2"; then printf '%s\t%s\n' "$path" "$target" >> later && continue; fi
      path=$2$(realpath -ms "/$path" | sed -E 's,^/usr/,/,; s,^/sbin/,/bin/,')
      mkdir -p "$(dirname "$path")"
      case $place in
        "$path") ;;
        "$2"/*) ln -sfr "$place" "$path" ;;
        *) ln -sf "$place" "$path" ;;
      esac
    done < todo
    touch later
    mv later todo
  done
}

# The folder of each shared library that can be linked against, by its name: declare -A libraries.
index_libraries() {
  declare -gA libraries=()
  local name folder
  while read -r name folder; do
    [ -n "${libraries[$name]-}" ] || libraries[$name]=$folder
  done < <(find "$1" $deps \( -name '*.so' -o -name '*.so.*' \) -printf '%f %h\n')
}

# Points a program or library at the loader and at the folders of just the libraries it names.
patch_elf() {
  local needed interpreter name folders=
  needed=$(patchelf --print-needed "$1" 2> /dev/null) || return 0
  interpreter=$(patchelf --print-interpreter "$1" 2> /dev/null) || interpreter=
  for name in $needed; do
    case $name in ld-linux*) continue ;; esac
    if [ -z "${libraries[$name]-}" ]; then
      echo "$1 needs $name, which is in none of: $deps" >&2
      return 1
    fi
    case ":$folders:" in *":${libraries[$name]}:"*) ;; *) folders=$folders${folders:+:}${libraries[$name]} ;; esac
  done
  if [ -z "$folders$interpreter" ]; then return; fi
  patchelf --set-rpath "$folders" "$1"
  # By a call of its own: patchelf 0.18 breaks what is not position-independent where it sets both at once.
  if [ -n "$interpreter" ]; then
    name=$(basename "$interpreter")
    patchelf --set-interpreter "${libraries[$name]}/$name" "$1"
  fi
}

# An interpreter that this unit or a dependency holds is named by its store path.
patch_shebang() {
  local line interpreter rest place
  IFS= read -r line < "$1" || return 0
  read -r interpreter rest <<< "${line#??}"
  case $interpreter in /*/env) return 0 ;; esac
  if locate "$interpreter" "$out"; then sed -i "1c #!$place${rest:+ $rest}" "$1"; fi
}

patch_all() {
  local file magic
  index_libraries "$1"
  while IFS= read -r -d '' file; do
    magic=
    IFS= read -r -N 4 -d '' magic < "$file" || true
    case $magic in
      $'\x7fELF') patch_elf "$file" ;;
      '#!'*) [ ! -x "$file" ] || patch_shebang "$file" ;;
    esac
  done < <(find "$1" -type f -size +0 -print0)
}

# $1: the output, further: its packages.
unpack() {
  local output=$1 deb
  shift
  mkdir tree
  for deb in "$@"; do dpkg-deb -x "$deb" tree; done
  find tree -type l -printf '%P\t%l\n' | sort > links
  find tree -type l -delete
  merge_usr tree "$output"
  rm -rf tree
  drop_docs "$output"
  restore_links links "$output"
  # Some of the links were documentation.
  drop_docs "$output"
  find "$output" -mindepth 1 -type d -empty -delete
  if [ -n "$patch" ]; then patch_all "$output"; fi
}

# A further output, of the one package in $<output>_deb.
unpack_output() {
  local deb="$1_deb"
  deps="$out $deps" unpack "${!1}" "${!deb}"
}

unpack "$out" $debs
