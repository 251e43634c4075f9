"""Writes a layer of store paths with Python's tarfile, as nixpkgs' stream_layered_image.py does. Reads a JSON order
{"storeDir", "paths", "style": {"mtime", "uid", "gid", "uname", "gname"}} on standard input, writes the tar to standard
output. Written from the description of the format, to be compared with the project's own writer.
"""
import io, json, os, pathlib, sys, tarfile

order = json.load(sys.stdin)
style = order["style"]
tar = tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.PAX_FORMAT)
tar.inodes = {}


def owned(info):
    info.mtime, info.uid, info.gid = style["mtime"], style["uid"], style["gid"]
    info.uname, info.gname = style["uname"], style["gname"]
    return info


def folder(name):
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, 0o755
    return owned(info)


parts = order["storeDir"].split("/")[1:]
for count in range(1, len(parts) + 1):
    tar.addfile(folder("/" + "/".join(parts[:count])))

for path in order["paths"]:
    root = pathlib.Path(path)
    below = [] if root.is_symlink() or not root.is_dir() else list(root.rglob("*"))
    for each in sorted([root] + below):
        tar.inodes = {}  # every hard link is a whole file
        info = tar.gettarinfo(str(each))
        info.name = str(each)
        owned(info)
        if info.isreg():
            with open(each, "rb") as file:
                tar.addfile(info, file)
        else:
            tar.addfile(info)
tar.close()
