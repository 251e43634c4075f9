#!/usr/bin/env bash
# Builds a container image with buildah into an archive that containerd imports. Layers are kept in CACHE.
#   image.sh CACHE ARCHIVE project NAME               the project's own, from its Dockerfile, with the offline package set
#   image.sh CACHE ARCHIVE debian NAME PACKAGE        one package of Debian, on what the project's own starts from
#   image.sh CACHE ARCHIVE program NAME FILE WORD...  one program and nothing else, with its command line
set -euo pipefail
cd "$(dirname "$0")/../../.."
. tests/compose/base.sh
cache=$1 archive=$2 kind=$3 name=$4
shift 4

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
work=$(mktemp -d)
finish() {
  local code=$?
  trap - EXIT
  umount "$cache/storage/overlay" 2>/dev/null || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# A storage of its own, so that nothing of the machine's podman is touched.
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf
cat >"$CONTAINERS_CONF" <<END
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
END
cat >"$CONTAINERS_STORAGE_CONF" <<END
[storage]
driver = "overlay"
graphroot = "$cache/storage"
runroot = "$work/run"
END

# What a run left that was killed.
buildah rm --all >/dev/null 2>&1 || true

# build CONTEXT TAG
build() {
  buildah bud --isolation chroot --pull-never --layers --tag "$2" "$1" >"$work/build.log" 2>&1 || {
    tail -n 30 "$work/build.log" >&2
    return 1
  }
}

base=docker.io/library/node:24-trixie-slim
case $kind in
project)
  if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
    make_base "$work/base" "$base" >/dev/null
    rm -rf "$work/base"
  fi
  build . localhost/niximage:built
  # No nixpkgs can be counted on: builders take the packages from their own image.
  mkdir "$work/context"
  cp -r "$(readlink -f .cache/packages)" "$work/context/packages"
  printf 'FROM localhost/niximage:built\nCOPY packages /niximage/.cache/packages\n' >"$work/context/Dockerfile"
  ;;
debian)
  mkdir "$work/context"
  install="apt-get install -y --no-install-recommends $1"
  printf 'FROM %s\nRUN apt-get update && %s && rm -rf /var/lib/apt/lists/*\n' "$base" "$install" >"$work/context/Dockerfile"
  ;;
program)
  file=$1
  shift
  mkdir "$work/context"
  program=$(basename "$file")
  mkdir "$work/context/root"
  cp "$file" "$work/context/root/"
  # What it is linked with, where it is.
  { ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true; } | while read -r library; do
    install -D "$library" "$work/context/root$library"
  done
  words=$(printf ', "%s"' "$@")
  printf 'FROM scratch\nCOPY root /\nENTRYPOINT ["/%s"%s]\n' "$program" "$words" >"$work/context/Dockerfile"
  ;;
esac
build "$work/context" "$name"
buildah push --quiet "$name" "docker-archive:$archive:$name" >/dev/null
# What earlier versions left.
buildah rmi --prune >/dev/null 2>&1 || true
