import type { ImageData } from '../../../hooks/resource/niximage.ts';

/** Images whose expressions are kept as golden files: `golden/<file>.nix`. */
export const images: readonly {
  readonly file: string;
  readonly reason: string;
  readonly name: string;
  readonly data: ImageData;
  readonly packageSet?: 'demo';
}[] = [
  {
    file: 'curl-and-jq.plain',
    reason: 'the expression of design.md, to the letter',
    name: 'curl-and-jq',
    data: { tag: 'v1', contents: ['curl', 'jq', 'bash'], defaults: false },
  },
  {
    file: 'curl-and-jq',
    reason: 'the same with the defaults, which are there to be read',
    name: 'curl-and-jq',
    data: { tag: 'v1', contents: ['curl', 'jq', 'bash'], defaults: true },
  },
  {
    file: 'hello',
    reason: 'an entrypoint takes the place of the shell',
    name: 'hello',
    data: { tag: '1.0', contents: ['hello'], config: { entrypoint: ['hello'] }, defaults: true },
  },
  {
    file: 'shell',
    reason: 'busybox brings sh, and the demonstration says what it is',
    name: 'shell',
    data: { tag: 'latest', contents: ['busybox'], defaults: true },
    packageSet: 'demo',
  },
  {
    file: 'web-server',
    reason: 'every field of the configuration',
    name: 'web-server',
    data: {
      tag: 'v1',
      contents: ['python3', 'python3Packages.requests'],
      maxLayers: 40,
      config: {
        entrypoint: ['python3', '-m', 'http.server'],
        cmd: ['8080'],
        env: [
          { name: 'SSL_CERT_FILE', value: '/own.crt' },
          { name: 'PRICE', value: '$5 in ${CURRENCY}' },
        ],
        workingDir: '/srv',
        user: 1000,
        exposedPorts: [8080, '53/udp', '8080/tcp'],
        labels: { 'org.opencontainers.image.title': 'web-server', plain: '"quoted" \\ and\na new line' },
        stopSignal: 'SIGINT',
        volumes: ['/srv/data'],
      },
      defaults: true,
    },
  },
  {
    file: 'names',
    reason: 'names that Nix binds, that are keywords, that begin with a digit, or that are quoted',
    name: 'names.of-all-kinds',
    data: {
      tag: 'v1',
      contents: [
        'map',
        'import',
        'pkgs',
        'or',
        'with',
        '7zz',
        '"my.pkg"',
        'a.if."x y"',
        '__add',
        'g++',
        "x'",
        '"${x}"',
      ],
      defaults: false,
    },
  },
  {
    file: 'arguments',
    reason: "every argument of nixpkgs' that the manifest gives",
    name: 'arguments',
    data: {
      tag: 'v1',
      contents: ['curl.dev'],
      fromImage: {
        imageName: 'registry.example/base',
        imageDigest: `sha256:${'a'.repeat(64)}`,
        hash: `sha256-${'A'.repeat(43)}=`,
        arch: 'arm64',
        tlsVerify: false,
      },
      maxLayers: 40,
      created: 'now',
      mtime: '2026-01-31T12:00:00Z',
      uid: 7,
      gid: 8,
      uname: 'seven',
      gname: 'eight',
      architecture: 'arm64',
      compressor: 'zstd',
      includeStorePaths: false,
      includeNixDB: true,
      enableFakechroot: true,
      extraCommands: "echo ''${x}''",
      fakeRootCommands: 'mknod null c 1 3\n\nchmod 666 null',
      defaults: true,
    },
  },
  {
    file: 'own-user',
    reason: 'a user, a locale, a time zone and files',
    name: 'own-user',
    data: {
      tag: 'v1',
      contents: ['bash'],
      user: { name: 'web' },
      locale: 'de_DE.UTF-8',
      timeZone: 'Europe/Berlin',
      files: [
        { path: '/etc/app.conf', text: '[app]\n  port = 80\n' },
        { path: '/etc/.hidden', text: 'no end of line' },
        { path: '/bin/run', text: '#!/bin/sh\necho "${HOME}"\n', executable: true },
      ],
      defaults: true,
    },
  },
  {
    file: 'own-user.plain',
    reason: 'a user where there are no defaults; what the user sets stays',
    name: 'own-user',
    data: {
      tag: 'v1',
      contents: ['bash'],
      user: { name: 'app', uid: 70, gid: 71, home: '/srv/app' },
      locale: 'C.UTF-8',
      fromImage: { attribute: 'images."my base"' },
      fakeRootCommands: 'chown 70 .\n',
      config: { env: [{ name: 'HOME', value: '/tmp' }] },
      defaults: false,
    },
  },
  {
    file: 'packages',
    reason: "nixpkgs' config and overlays",
    name: 'packages',
    data: {
      tag: 'v1',
      contents: ['greeting'],
      nixpkgsConfig: {
        allowUnfreePackages: ['proprietary'],
        permittedInsecurePackages: ['openssl-1.1.1w'],
        cudaSupport: true,
        free: { form: [1, -1, 1.5, null, 'x'] },
      },
      overlays: [
        { inline: "final: prev: {\n  greeting = final.writeText \"a\" ''\n    ${final.system}\n  '';\n}\n" },
        { inline: 'final: prev: { }' },
      ],
      defaults: false,
    },
  },
  {
    file: 'expression',
    reason: 'an expression takes the place of the list',
    name: 'expression',
    data: {
      tag: 'v1',
      expression: { inline: '{ pkgs }:\npkgs.dockerTools.buildLayeredImage { name = "x"; }\n' },
      defaults: true,
    },
  },
  {
    file: 'sources',
    reason: 'packages, an overlay and a package set from sources',
    name: 'sources',
    data: {
      tag: 'v1',
      contents: ['mytools.cli', 'flaked."a b"', 'jq'],
      sources: [
        { name: 'nixpkgs', channel: 'nixos-25.11' },
        { name: 'mytools', git: { url: 'https://example.org/tools', ref: 'main' } },
        { name: 'flaked', flake: 'github:owner/repo' },
        { name: 'unused', tarball: { url: 'https://example.org/a.tar.gz' } },
      ],
      overlays: [{ source: 'mytools' }, { source: 'unused', path: 'overlays/one.nix' }],
      defaults: false,
    },
  },
  {
    file: 'flakes',
    reason: 'packages of flakes',
    name: 'flakes',
    data: {
      tag: 'v1',
      contents: [
        'github:owner/repo#cli',
        'git+https://example.org/a?dir=b&ref=main',
        'github:owner/repo#"a b".dev',
      ],
      defaults: false,
    },
  },
  {
    file: 'expression.source',
    reason: 'an expression in a source',
    name: 'expression',
    data: {
      tag: 'v1',
      sources: [{ name: 'images', git: { url: 'https://example.org/images' } }],
      expression: { source: 'images', path: 'web.nix' },
      defaults: true,
    },
  },
];
