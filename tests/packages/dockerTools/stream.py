"""Writes the image that a conf file describes to standard output, as a docker-archive."""

import hashlib
import io
import json
import os
import sys
import tarfile
from datetime import datetime, timezone


def timestamp(text):
    return datetime.now(timezone.utc) if text == "now" else datetime.fromisoformat(text)


def walk(path):
    """A path and all below it, sorted component by component; links are not followed."""
    yield path
    if os.path.isdir(path) and not os.path.islink(path):
        for name in sorted(os.listdir(path)):
            yield from walk(os.path.join(path, name))


class Store:
    """What is common to all layers made from store paths."""

    def __init__(self, conf):
        self.mtime = int(timestamp(conf["mtime"]).timestamp())
        self.owner = dict(uid=int(conf["uid"]), gid=int(conf["gid"]), uname=conf["uname"], gname=conf["gname"])
        self.folder = conf["store_dir"]

    def owned(self, entry):
        for key, value in self.owner.items():
            setattr(entry, key, value)
        entry.mtime = self.mtime
        return entry

    def directory(self, name):
        entry = tarfile.TarInfo(name)
        entry.type = tarfile.DIRTYPE
        entry.mode = 0o755
        return self.owned(entry)

    def write(self, paths, file):
        with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for depth in range(1, self.folder.count("/") + 1):
                tar.addfile(self.directory("/".join(self.folder.split("/")[: depth + 1])))
            for path in (inner for root in paths for inner in walk(root)):
                tar.inodes = {}
                entry = self.owned(tar.gettarinfo(path))
                entry.name = path
                if entry.isreg():
                    with open(path, "rb") as content:
                        tar.addfile(entry, content)
                else:
                    tar.addfile(entry)


class Archive:
    """A docker-archive on a stream: layers first, manifest.json last."""

    def __init__(self, stream, mtime):
        self.tar = tarfile.open(fileobj=stream, mode="w|")
        self.mtime = mtime

    def add(self, name, size, content):
        entry = tarfile.TarInfo(name)
        entry.size = size
        entry.mtime = self.mtime
        self.tar.addfile(entry, content)

    def add_bytes(self, name, data):
        self.add(name, len(data), io.BytesIO(data))


class Measure:
    """A file that only counts and hashes what is written to it."""

    def __init__(self):
        self.size = 0
        self.hash = hashlib.sha256()

    def write(self, data):
        self.size += len(data)
        self.hash.update(data)
        return len(data)


def add_base(path, archive):
    """Copies the layers of a docker-archive. Returns their names, diff ids and the environment."""
    with tarfile.open(path) as base:
        manifest = json.load(base.extractfile("manifest.json"))[0]
        config = json.load(base.extractfile(manifest["Config"]))
        for name in manifest["Layers"]:
            member = base.getmember(name)
            archive.add(name, member.size, base.extractfile(member))
    ids = [identity.removeprefix("sha256:") for identity in config["rootfs"]["diff_ids"]]
    return list(zip(manifest["Layers"], ids)), config.get("config", {}).get("Env") or []


def merge_env(base, own):
    """Of two settings of one variable the later wins."""
    merged = dict(setting.split("=", 1) for setting in base + own)
    return [f"{name}={value}" for name, value in merged.items()]


def main(conf_path):
    with open(conf_path, encoding="utf-8") as file:
        conf = json.load(file)
    store = Store(conf)
    archive = Archive(sys.stdout.buffer, store.mtime)
    layers, env = add_base(conf["from_image"], archive) if conf["from_image"] else ([], [])
    history = []

    for paths in conf["store_layers"]:
        measure = Measure()
        store.write(paths, measure)
        digest = measure.hash.hexdigest()
        name = f"{digest}/layer.tar"
        buffer = io.BytesIO()
        store.write(paths, buffer)
        buffer.seek(0)
        archive.add(name, measure.size, buffer)
        layers.append((name, digest))
        history.append(f"store paths: {paths}")

    folder = conf["customisation_layer"]
    with open(os.path.join(folder, "checksum"), encoding="ascii") as file:
        digest = file.read().strip()
    with open(os.path.join(folder, "layer.tar"), "rb") as file:
        archive.add(f"{digest}/layer.tar", os.path.getsize(file.name), file)
    layers.append((f"{digest}/layer.tar", digest))
    history.append(f"customisation layer\n- {folder}")

    created = timestamp(conf["created"]).isoformat()
    config = dict(conf["config"])
    if env or config.get("Env"):
        config["Env"] = merge_env(env, config.get("Env") or [])
    image = json.dumps(
        {
            "created": created,
            "architecture": conf["architecture"],
            "os": "linux",
            "config": config,
            "rootfs": {"diff_ids": [f"sha256:{digest}" for _, digest in layers], "type": "layers"},
            "history": [{"created": created, "comment": comment} for comment in history],
        },
        indent=4,
    ).encode()
    name = f"{hashlib.sha256(image).hexdigest()}.json"
    archive.add_bytes(name, image)
    manifest = [{"Config": name, "RepoTags": [conf["repo_tag"]], "Layers": [name for name, _ in layers]}]
    archive.add_bytes("manifest.json", json.dumps(manifest, indent=4).encode())
    archive.tar.close()


if __name__ == "__main__":
    main(sys.argv[1])
