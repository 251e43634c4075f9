/**
 * What is needed from the machine: the command to look for, Debian's package, what for.
 * @typedef {{ command: string, debian: string, why: string, group: 'nix' | 'packages' | 'tests' | 'bench' }} Tool
 */

/** @type {readonly Tool[]} */
export const tools = [
  { command: 'nix-build', debian: 'nix-bin', why: 'builds the images', group: 'nix' },

  { command: 'dpkg-deb', debian: 'dpkg', why: 'unpacks the offline package set', group: 'packages' },
  {
    command: 'fakeroot',
    debian: 'fakeroot',
    why: 'runs the fakeRootCommands of images of the offline package set',
    group: 'packages',
  },
  { command: 'patchelf', debian: 'patchelf', why: 'links the offline package set', group: 'packages' },

  { command: 'containerd', debian: 'containerd', why: 'pulls and unpacks images', group: 'tests' },
  { command: 'ctr', debian: 'containerd', why: 'pulls and unpacks images', group: 'tests' },
  { command: 'git', debian: 'git', why: 'lists the files of the repository', group: 'tests' },
  {
    command: 'python3',
    debian: 'python3',
    why: 'checks tar files and JSON against another reader',
    group: 'tests',
  },
  {
    command: 'readelf',
    debian: 'binutils',
    why: 'reads the programs of the offline package set',
    group: 'tests',
  },
  { command: 'runc', debian: 'runc', why: 'runs images', group: 'tests' },
  { command: 'skopeo', debian: 'skopeo', why: 'pulls images', group: 'tests' },
  { command: 'umoci', debian: 'umoci', why: 'unpacks images', group: 'tests' },
  { command: 'zstd', debian: 'zstd', why: 'reads compressed layers', group: 'tests' },

  {
    command: 'docker-registry',
    debian: 'docker-registry',
    why: 'is what the registry is measured against',
    group: 'bench',
  },
];
