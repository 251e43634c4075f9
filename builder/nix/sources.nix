# Fetches one source (runtime/contract/sources.ts), and tells where it is and which commit.
{ source }:
let
  given = builtins.fromJSON source;
  pin = given.pin or { };
  rev = pin.rev or null;

  git =
    # What a branch was stands for the branch, wherever that is by now.
    let asked = if rev == null then given.git else removeAttrs given.git [ "ref" ] // { inherit rev; };
    in builtins.fetchGit (
      asked
      // { name = "source"; submodules = asked.submodules or false; }
      # A commit may be on any branch; without one it is what the repository shows first, where Nix would ask for master.
      // (if asked ? ref then { } else if asked ? rev then { allRefs = true; } else { ref = "HEAD"; })
    );

  tarball = { url, hash ? pin.narHash or null }: fromTarball (builtins.fetchTarball (
    { inherit url; name = "source"; } // (if hash == null then { } else { sha256 = hash; })
  ));

  # Channels and releases of nixpkgs hold the name of the commit that they were made of.
  fromTarball = path: { outPath = path; } // (
    let file = path + "/.git-revision";
    in if builtins.pathExists file then { rev = builtins.substring 0 40 (builtins.readFile file); } else { }
  );

  found =
    if given ? git then git
    else if given ? tarball then tarball given.tarball
    else if given ? channel then tarball { url = "https://channels.nixos.org/${given.channel}/nixexprs.tar.xz"; }
    else if given ? folder then { outPath = builtins.path { path = given.folder; name = "source"; }; }
    else builtins.getFlake given.flake;
in
{
  # A flake may be in a folder of what is fetched.
  path = builtins.unsafeDiscardStringContext (toString (found.sourceInfo or found).outPath);
  # A repository of the builder's machine that has changes has no commit.
  rev = if found.rev or null == "0000000000000000000000000000000000000000" then null else found.rev or null;
}
