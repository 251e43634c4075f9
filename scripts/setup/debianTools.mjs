/**
 * What is needed from the machine: the command to look for, Debian's package, what for.
 * @typedef {{ command: string, debian: string, why: string, group: 'nix' | 'packages' | 'tests' | 'cluster' | 'bench' }} Tool
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

  { command: 'buildah', debian: 'buildah', why: 'builds images from those of the registry', group: 'tests' },
  { command: 'containerd', debian: 'containerd', why: 'pulls and unpacks images', group: 'tests' },
  { command: 'ctr', debian: 'containerd', why: 'pulls and unpacks images', group: 'tests' },
  { command: 'git', debian: 'git', why: 'lists the files of the repository', group: 'tests' },
  { command: 'nginx', debian: 'nginx-light', why: 'sends blobs for the registry', group: 'tests' },
  { command: 'lua5.1', debian: 'lua5.1', why: "runs Argo CD's health check", group: 'tests' },
  { command: 'podman', debian: 'podman', why: 'pulls images', group: 'tests' },
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
  { command: 'sshd', debian: 'openssh-server', why: 'is another machine that builds', group: 'tests' },
  { command: 'umoci', debian: 'umoci', why: 'unpacks images', group: 'tests' },
  { command: 'zstd', debian: 'zstd', why: 'reads compressed layers', group: 'tests' },

  { command: 'busybox', debian: 'busybox-static', why: 'is the first process of each Pod', group: 'cluster' },
  {
    command: 'debootstrap',
    debian: 'debootstrap',
    why: 'makes the image that this starts from',
    group: 'cluster',
  },
  { command: 'etcd', debian: 'etcd-server', why: 'keeps the objects of the cluster', group: 'cluster' },
  { command: 'ip', debian: 'iproute2', why: 'gives the node its address', group: 'cluster' },
  { command: 'iptables', debian: 'iptables', why: 'leads to Services', group: 'cluster' },
  {
    command: 'ptp',
    debian: 'containernetworking-plugins',
    why: 'connects Pods',
    group: 'cluster',
  },

  {
    command: 'docker-registry',
    debian: 'docker-registry',
    why: 'is what the registry is measured against',
    group: 'bench',
  },
];
