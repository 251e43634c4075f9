# Makes the image that the Dockerfile starts from, with what this machine has: Debian 13 by debootstrap, and the
# Node.js of node_modules. Sourced by run.sh; needs root.

# make_base FOLDER IMAGE
make_base() {
  local folder=$1 image=$2 mirror npm
  # The mirror this machine's own apt uses for Debian.
  mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /security/ { print $2; exit }')
  debootstrap --variant=minbase trixie "$folder" "${mirror%/}" >"$folder.log" 2>&1 || {
    tail -n 5 "$folder.log" >&2
    return 1
  }
  chroot "$folder" useradd --create-home --uid 1000 --user-group node
  rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
  install -m 755 node_modules/node/bin/node "$folder/usr/local/bin/node"
  npm=$(dirname "$(dirname "$(realpath "$(command -v npm)")")")
  mkdir -p "$folder/usr/local/lib/node_modules" "$folder/usr/local/etc"
  cp -r "$npm" "$folder/usr/local/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/usr/local/bin/npm"
  trust "$folder"
  tar -C "$folder" -c . | podman import --quiet - "$image"
}

# A machine behind a proxy of its own trusts authorities of its own; the npm in the image has to trust the same.
trust() {
  local folder=$1 authorities=/etc/ssl/certs/ca-certificates.crt
  [ -f "$authorities" ] || return 0
  install -D -m 644 "$authorities" "$folder/etc/ssl/certs/build.crt"
  echo cafile=/etc/ssl/certs/build.crt >"$folder/usr/local/etc/npmrc"
}
