# Writes an image's conf to $out. Sourced by the builder of conf.nix.

# An RFC 3339 time in the form of Python's isoformat(); "now" is left for the reader to resolve.
time_of() {
  if [ "$1" = now ]; then echo now; else date -u -d "$1" +%Y-%m-%dT%H:%M:%S+00:00; fi
}

# The number of layers of a docker-archive.
layers_of() {
  tar -xOf "$1" manifest.json | tr -d '\n' | grep -o '"Layers": *\[[^]]*\]' | head -n 1 | grep -o '\.tar"\|/layer"' | wc -l
}

# The paths of exportReferencesGraph's file, those that most others refer to first: images share them.
popular_paths() {
  awk '
    state == 0 { path = $0; users[path] += 0; state = 1; next }
    state == 1 { state = 2; next }
    state == 2 { left = $0; state = left > 0 ? 3 : 0; next }
    state == 3 { if ($0 != path) users[$0]++; if (--left == 0) state = 0 }
    END { for (path in users) print users[path], path }
  ' graph | sort -k 1,1nr -k 2,2 | cut -d ' ' -f 2 | { grep -vxF -f "$excludedPath" || true; }
}

used=1
if [ -n "$fromImage" ]; then used=$((used + $(layers_of "$fromImage"))); fi
available=$((maxLayers - used))
if [ "$available" -lt 1 ]; then
  echo "maxLayers is $maxLayers, and $used layers are taken before the first package" >&2
  exit 1
fi

# One path a layer, and all that are left in the last.
store_layers() {
  if [ -z "$includeStorePaths" ]; then return; fi
  popular_paths | awk -v available="$available" '
    NR <= available { printf "%s[\"%s\"", NR == 1 ? "" : "], ", $0; next }
    { printf ", \"%s\"", $0 }
    END { if (NR > 0) printf "]" }
  '
}

tag=${tag:-$(basename "$out" | cut -c 1-32)}
{
  head -c -1 "$fixedPath"
  printf ', "store_layers": [%s], "repo_tag": "%s", "created": "%s", "mtime": "%s"}' \
    "$(store_layers)" "$imageName:$tag" "$(time_of "$created")" "$(time_of "$mtime")"
} > "$out"
