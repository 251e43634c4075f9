#!/usr/bin/env bash
# Runs docker-compose.yml for real, with podman: builds the image, waits for an example to be Built, pulls it, runs it,
# and takes everything away again. Exit code 77: not possible here, with the reason.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/compose/base.sh

skip() {
  echo "compose: skipped: $1"
  exit 77
}

[ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] || skip 'it needs root on Linux'
command -v apt-get >/dev/null || skip 'it needs apt, for podman and debootstrap'
missing=()
for tool in podman podman-compose debootstrap skopeo runc; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if ((${#missing[@]} > 0)); then
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
    "${missing[@]}" conmon catatonit netavark aardvark-dns >/dev/null
fi

work=$(mktemp -d)

# Each way of starting has a project of its own: its network, ports and volumes are its own too.
use_project() {
  project=niximage-check-$$-$1
  compose=(podman-compose --project-name "$project" --file docker-compose.yml --file "$work/override.yml")
  NIXIMAGE_PORT=$(free_port)
  export NIXIMAGE_PORT
  registry=127.0.0.1:$NIXIMAGE_PORT
}

free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# What a person would look at: each container's state and its last words, what runs in it, and whom it knows by name.
report() {
  local container
  podman ps --all --format '{{.Names}}  {{.Status}}'
  for container in $(podman ps --all --format '{{.Names}}'); do
    printf '\n== %s\n' "$container"
    podman logs "$container" 2>&1 | grep -v '"msg":"request"' | tail -n 20 | cut -c 1-400
  done
  for container in $(podman ps --format '{{.Names}}'); do
    printf '\n== %s runs, and knows\n' "$container"
    podman top "$container" pid etime args | cut -c 1-200 || true
    podman exec "$container" getent hosts registry keeper serve hook driver || true
  done
  printf '\n== podman-compose\n'
  grep -v '^ *$' "$work/up.log" | tail -n 15 | cut -c 1-400
}

finish() {
  local code=$?
  trap - EXIT
  if [ -v project ]; then
    ((code == 0)) || report || true
    "${compose[@]}" down --volumes --timeout 10 >/dev/null 2>&1 || true
  fi
  podman rm --all --force >/dev/null 2>&1 || true
  podman rmi --all --force >/dev/null 2>&1 || true
  podman network prune --force >/dev/null 2>&1 || true
  umount "$work/storage/overlay" 2>/dev/null || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# A storage of its own, so that nothing of the machine's podman is touched or left.
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf
cat >"$CONTAINERS_CONF" <<EOF
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "none"
volume_path = "$work/volumes"
[network]
network_config_dir = "$work/networks"
EOF
cat >"$CONTAINERS_STORAGE_CONF" <<EOF
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
EOF

export NIXIMAGE_NIXPKGS=demo

# No nixpkgs can be counted on here: the offline package set of this machine takes its place.
node --input-type=module -e "const { ensurePackages } = await import('./scripts/packages.mjs'); await ensurePackages()"
mkdir -p "$work/cache/package-sets"
cp -r "$(readlink -f .cache/packages)" "$work/cache/package-sets/"
chown -R 1000:1000 "$work/cache"
cat >"$work/override.yml" <<EOF
services:
  up:
    volumes:
      - $work/cache:/niximage/.cache
  driver:
    volumes:
      - $work/cache:/niximage/.cache
EOF

echo 'compose: making the base image'
make_base "$work/base" docker.io/library/node:24-trixie-slim >/dev/null
rm -rf "$work/base"

# podman-compose ends with 0 where a container could not be started, too; that is looked at, and tried once more.
start() {
  up "$@"
  are_started "$@" && return
  grep -B 2 '^exit code: [1-9]' "$work/up.log" | cut -c 1-400 || true
  echo 'compose: podman is asked once more'
  up "$@"
  are_started "$@" || exit 1
}

# The services are named: this podman-compose knows no profiles and would start those of all of them.
up() {
  timeout 300 "${compose[@]}" up --build --detach "$@" >"$work/up.log" 2>&1 || {
    tail -n 30 "$work/up.log"
    exit 1
  }
}

are_started() {
  local service
  for service in "$@"; do
    case $(podman inspect --format '{{.State.Status}}' "${project}_${service}_1" 2>&1) in
      running | exited) ;;
      *)
        echo "compose: the container of $service was not started"
        return 1
        ;;
    esac
  done
}

await_image() {
  local deadline=$((SECONDS + 240))
  until skopeo inspect --raw --tls-verify=false "docker://$registry/curl-and-jq:v1" >/dev/null 2>&1; do
    if ((SECONDS > deadline)); then
      echo 'compose: curl-and-jq:v1 was not served within 240 s'
      exit 1
    fi
    sleep 1
  done
}

in_image() {
  podman run --rm --tls-verify=false --network=none "$registry/curl-and-jq:v1" "$@"
}

run_image() {
  in_image curl --version | grep -q '^curl '
  [ "$(in_image jq -n '1+1')" = 2 ]
  [ "$(in_image bash -c 'echo ok')" = ok ]
  podman rmi --force "$registry/curl-and-jq:v1" >/dev/null
}

use_project own
echo 'compose: building the image and starting it'
start up registry
echo 'compose: waiting for curl-and-jq:v1'
await_image
run_image
echo 'compose: curl-and-jq:v1 was built, pulled and run'

"${compose[@]}" down --volumes --timeout 10 >/dev/null 2>&1
export NIXIMAGE_NIXPKGS=/niximage/.cache/packages NIXIMAGE_PACKAGE_SET=demo
ln -s "package-sets/$(basename "$(readlink -f .cache/packages)")" "$work/cache/packages"
use_project services
echo 'compose: starting each part as a service of its own'
start tokens keeper serve hook driver
echo 'compose: waiting for curl-and-jq:v1'
await_image
run_image
echo 'compose: the same from services of their own'
