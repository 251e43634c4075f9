import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { problemsText, validateNixImage } from '../../hooks/resource/validate.ts';
import { curlWith } from './support/manifest.ts';

interface Row {
  readonly reason: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly says: string;
}

const base = { imageName: 'a', imageDigest: `sha256:${'0'.repeat(64)}`, hash: `sha256-${'A'.repeat(43)}=` };

const anEntry =
  'an entry is an attribute path of nixpkgs, such as curl, python3Packages.requests or curl.dev, or of a flake: github:owner/repo#pkg';

const groups: Readonly<Record<string, readonly Row[]>> = {
  'arguments of buildLayeredImage': [
    {
      reason: 'two users',
      data: { user: { name: 'web' }, config: { user: 1 } },
      says: 'data.user is the user that programs run as; leave data.config.user out',
    },
    {
      reason: 'root by another name',
      data: { user: { name: 'web', uid: 0 } },
      says: 'data.user.uid is 0; it must be >= 1',
    },
    {
      reason: 'a user that the shell would read',
      data: { user: { name: '$(x)' } },
      says: 'data.user.name is "$(x)", which cannot be; a user has lower-case letters, digits, dashes and underscores',
    },
    {
      reason: 'a home above the image',
      data: { user: { name: 'web', home: '/home/../..' } },
      says: 'data.user.home is "/home/../..", which cannot be; it is an absolute path of letters, digits, dots, dashes and underscores',
    },
    {
      reason: 'a file that leaves the image',
      data: { files: [{ path: '/../etc/passwd', text: '' }] },
      says: 'data.files[0].path is "/../etc/passwd", which cannot be; it is an absolute path of letters, digits, dots, dashes, plus signs and underscores',
    },
    {
      reason: 'a file twice',
      data: {
        files: [
          { path: '/a', text: '' },
          { path: '/a', text: 'x' },
        ],
      },
      says: 'data.files[1] is "/a" once more; name it once',
    },
    {
      reason: 'a locale without its character set',
      data: { locale: 'de_DE' },
      says: 'data.locale is "de_DE", which cannot be; a locale is de_DE.UTF-8 or C.UTF-8',
    },
    {
      reason: 'a time zone that is a path',
      data: { timeZone: '../zone' },
      says: 'data.timeZone is "../zone", which cannot be; a time zone is Europe/Berlin or UTC',
    },
    {
      reason: 'no image below',
      data: { fromImage: {} },
      says: 'data.fromImage names one image, by attribute or by imageName',
    },
    {
      reason: 'two images below',
      data: { fromImage: { ...base, attribute: 'x' } },
      says: 'data.fromImage names one image, by attribute or by imageName',
    },
    {
      reason: 'an image below that may be another tomorrow',
      data: { fromImage: { imageName: 'debian' } },
      says: 'data.fromImage.imageName needs imageDigest and hash; `nix-prefetch-docker` tells both',
    },
    {
      reason: 'a digest that is none',
      data: { fromImage: { ...base, imageDigest: 'latest' } },
      says: 'data.fromImage.imageDigest is "latest", which cannot be; a digest is sha256: and 64 hexadecimal digits',
    },
    {
      reason: 'a time in words',
      data: { created: 'yesterday' },
      says: 'data.created is "yesterday", which cannot be; a time is 2026-01-31T12:00:00Z or now',
    },
    {
      reason: 'a compression that nixpkgs has not',
      data: { compressor: 'xz' },
      says: 'data.compressor is "xz"; it is one of none, gz, zstd',
    },
    { reason: 'an owner below 0', data: { uid: -1 }, says: 'data.uid is -1; it must be >= 0' },
    {
      reason: 'a NUL in a script',
      data: { extraCommands: 'a\0' },
      says: 'data.extraCommands is "a\\u0000", which cannot be; NUL characters are not possible',
    },
  ],
  'nixpkgs and its config': [
    {
      reason: 'a package name that is a path',
      data: { nixpkgsConfig: { allowUnfreePackages: ['a/b'] } },
      says: 'data.nixpkgsConfig.allowUnfreePackages[0] is "a/b", which cannot be; a package is named by its name, without its version: steam',
    },
    {
      reason: 'an insecure package without its version as a list',
      data: { nixpkgsConfig: { permittedInsecurePackages: 'openssl' } },
      says: 'data.nixpkgsConfig.permittedInsecurePackages is the text "openssl"; it must be a list: permittedInsecurePackages: [openssl]',
    },
    {
      reason: 'half a character in a setting of another name',
      data: { nixpkgsConfig: { free: ['\ud800'] } },
      says: 'data.nixpkgsConfig.free[0] holds half of a UTF-16 pair, which is no text; write it without',
    },
    {
      reason: 'an overlay of nothing',
      data: { overlays: [{ inline: '' }] },
      says: 'data.overlays[0].inline is empty; an overlay is Nix code: final: prev: { }',
    },
    {
      reason: 'an expression beside a list',
      data: { expression: { inline: '7' } },
      says: 'data.contents says how an image is made, and data.expression is the whole image; leave one of them out',
    },
  ],
  contents: [
    {
      reason: 'a flake of which nothing is named after #',
      data: { contents: ['github:owner/repo#'] },
      says: `data.contents[0] is "github:owner/repo#", which cannot be; ${anEntry}`,
    },
    {
      reason: 'a program with no packages',
      data: { withPackages: [{ package: 'python3', packages: [] }] },
      says: 'data.withPackages[0].packages is empty; name one package at least: packages: [requests]',
    },
    {
      reason: 'a program twice',
      data: {
        withPackages: [
          { package: 'python3', packages: ['a'] },
          { package: 'python3', packages: ['b'] },
        ],
      },
      says: 'data.withPackages[1] is "python3" once more; name it once',
    },
    {
      reason: 'a package of a program twice',
      data: { withPackages: [{ package: 'python3', packages: ['a', 'a'] }] },
      says: 'data.withPackages[0].packages[1] is "a" once more; name it once',
    },
    {
      reason: 'Nix code in the place of a package',
      data: { withPackages: [{ package: 'python3', packages: ['(x)'] }] },
      says: 'data.withPackages[0].packages[0] is "(x)", which cannot be; it is an attribute path in that set, such as requests',
    },
    {
      reason: 'Nix code in the place of a program',
      data: { withPackages: [{ package: 'python3 (x)', packages: ['a'] }] },
      says: 'data.withPackages[0].package is "python3 (x)", which cannot be; it is an attribute path of nixpkgs, such as python3 or haskellPackages',
    },
    {
      reason: 'a relative path to link',
      data: { buildEnv: { pathsToLink: ['bin'] } },
      says: 'data.buildEnv.pathsToLink[0] is "bin", which cannot be; it is an absolute path, such as /bin',
    },
    {
      reason: 'nothing to link',
      data: { buildEnv: { pathsToLink: [] } },
      says: 'data.buildEnv.pathsToLink is empty; name one folder at least: pathsToLink: [/bin]',
    },
    {
      reason: 'a prefix out of the image',
      data: { buildEnv: { extraPrefix: '/../a' } },
      says: 'data.buildEnv.extraPrefix is "/../a", which cannot be; it is an absolute path of letters, digits, dots, dashes and underscores',
    },
    {
      reason: "an argument that nixpkgs' buildEnv has, and a manifest has not",
      data: { buildEnv: { postBuild: 'true' } },
      says: 'data.buildEnv.postBuild is no field here; known are pathsToLink, ignoreCollisions, checkCollisionContents, ignoreSingleFileOutputs, extraOutputsToInstall, extraPrefix, includeClosures',
    },
    {
      reason: 'a pipeline of layers beside an expression',
      data: { contents: null, expression: { inline: '7' }, layeringPipeline: [['reverse']] },
      says: 'data.layeringPipeline says how an image is made, and data.expression is the whole image; leave one of them out',
    },
    {
      reason: 'a pipeline of layers that is no list of lists',
      data: { layeringPipeline: ['popularity_contest'] },
      says: 'data.layeringPipeline[0] is the text "popularity_contest"; it must be a list: [popularity_contest]',
    },
    {
      reason: 'half a character in a pipeline',
      data: { layeringPipeline: [['a', '\ud800']] },
      says: 'data.layeringPipeline[0][1] holds half of a UTF-16 pair, which is no text; write it without',
    },
    {
      reason: 'a path to leave out that is none of a package',
      data: { extraExcludePaths: ['/nix/store'] },
      says: 'data.extraExcludePaths[0] is "/nix/store", which cannot be; an entry is an attribute path of nixpkgs, such as curl',
    },
    {
      reason: 'a flake that ends a string of Nix',
      data: { contents: ['path:/a"; x'] },
      says: `data.contents[0] is "path:/a\\"; x", which cannot be; ${anEntry}`,
    },
  ],
  'sources, and what comes from them': [
    {
      reason: 'a source of no kind',
      data: { sources: [{ name: 'a' }] },
      says: 'data.sources[0] must be one of git, tarball, channel, flake, configMap, files and volume',
    },
    {
      reason: 'a source of two kinds',
      data: { sources: [{ name: 'a', channel: 'nixos-25.11', flake: 'github:a/b' }] },
      says: 'data.sources[0] must be one of git, tarball, channel, flake, configMap, files and volume',
    },
    {
      reason: 'a ConfigMap beside files',
      data: { sources: [{ name: 'a', configMap: { name: 'b' }, files: [] }] },
      says: 'data.sources[0] must be one of git, tarball, channel, flake, configMap, files and volume',
    },
    {
      reason: 'a ConfigMap without its name',
      data: { sources: [{ name: 'a', configMap: {} }] },
      says: 'data.sources[0].configMap.name is missing',
    },
    {
      reason: 'a file out of its source',
      data: { sources: [{ name: 'a', files: [{ path: 'a/../../b', text: '' }] }] },
      says: 'data.sources[0].files[0].path is "a/../../b", which cannot be; it is a path in the source, such as lib/tools.nix',
    },
    {
      reason: 'a file of a source twice',
      data: {
        sources: [
          {
            name: 'a',
            files: [
              { path: 'b', text: '' },
              { path: 'b', text: 'c' },
            ],
          },
        ],
      },
      says: 'data.sources[0].files[1] is "b" once more; name it once',
    },
    {
      reason: 'a path out of the volume',
      data: { sources: [{ name: 'a', volume: { name: 'b', path: '../c' } }] },
      says: 'data.sources[0].volume.path is "../c", which cannot be; it is a path on the volume, such as team-a/tools',
    },
    {
      reason: 'a volume that cannot be called so',
      data: { sources: [{ name: 'a', volume: { name: '/srv' } }] },
      says: 'data.sources[0].volume.name is "/srv", which cannot be; the operator of the cluster says what volumes are called',
    },
    {
      reason: 'flakes without end',
      data: { contents: Array.from({ length: 25 }, (_, index) => `github:a/b${index}#c`) },
      says: 'data.sources and the flakes of data.contents are 25 together; at most 24 are possible',
    },
    {
      reason: 'a name that Nix has',
      data: { sources: [{ name: 'map', flake: 'github:a/b' }] },
      says: 'data.sources[0].name is "map", which means something else to Nix; name it otherwise',
    },
    {
      reason: 'a name twice',
      data: {
        sources: [
          { name: 'a', flake: 'github:a/b' },
          { name: 'a', flake: 'github:c/d' },
        ],
      },
      says: 'data.sources[1] is "a" once more; name it once',
    },
    {
      reason: 'a path of the machine',
      data: { sources: [{ name: 'a', git: { url: '/srv/repository' } }] },
      says: 'data.sources[0].git.url is "/srv/repository", which cannot be; it begins with https://, http://, ssh://, git:// or file://',
    },
    {
      reason: 'a short commit',
      data: { sources: [{ name: 'a', git: { url: 'https://a.example/b', rev: 'abc123' } }] },
      says: 'data.sources[0].git.rev is "abc123", which cannot be; a commit has 40 hexadecimal digits',
    },
    {
      reason: 'an overlay from a source that is not there',
      data: { overlays: [{ source: 'mine' }] },
      says: 'data.overlays[0].source is "mine", which data.sources does not have',
    },
    {
      reason: 'an overlay of nothing at all',
      data: { overlays: [{}] },
      says: 'data.overlays[0] is inline, from a source or from a ConfigMap; give one of inline, source and configMap',
    },
    {
      reason: 'a file of nothing at all',
      data: { files: [{ path: '/a' }] },
      says: 'data.files[0] has a text or is from a ConfigMap; give one of text and configMap',
    },
    {
      reason: 'a file in two places',
      data: { files: [{ path: '/a', text: '', configMap: { name: 'b' } }] },
      says: 'data.files[0] has a text or is from a ConfigMap; give one of text and configMap',
    },
    {
      reason: 'a path without a source',
      data: { overlays: [{ inline: 'f: p: { }', path: 'a.nix' }] },
      says: 'data.overlays[0].path belongs to a source; leave it out',
    },
    {
      reason: 'a path out of the source',
      data: { sources: [{ name: 'a', flake: 'github:a/b' }], overlays: [{ source: 'a', path: '../b' }] },
      says: 'data.overlays[0].path is "../b", which cannot be; it is a path in the source, such as overlays/one.nix',
    },
  ],
  'caches and secrets': [
    {
      reason: 'two caches in one text, which Nix would take for two',
      data: { nix: { substituters: ['https://a.example https://b.example'] } },
      says: 'data.nix.substituters[0] is "https://a.example https://b.example", which cannot be; it begins with https://, http://, s3://, ssh://, ssh-ng:// or file://',
    },
    {
      reason: 'a setting of Nix behind a cache',
      data: { nix: { substituters: ['https://a.example\nsandbox=false'] } },
      says: 'data.nix.substituters[0] is "https://a.example\\nsandbox=false", which cannot be; it begins with https://, http://, s3://, ssh://, ssh-ng:// or file://',
    },
    {
      reason: 'a path in place of a claim',
      data: { nix: { claim: '/nix' } },
      says: 'data.nix.claim is "/nix", which cannot be; it is the name of a PersistentVolumeClaim of this namespace',
    },
    {
      reason: 'two caches to copy into in one text',
      data: { nix: { pushTo: ['https://a.example https://b.example'] } },
      says: 'data.nix.pushTo[0] is "https://a.example https://b.example", which cannot be; it begins with https://, http://, s3://, ssh://, ssh-ng:// or file://',
    },
    {
      reason: 'two machines that build in one text',
      data: { nix: { builders: [{ uri: 'ssh://a.example ; ssh://b.example' }] } },
      says: 'data.nix.builders[0].uri is "ssh://a.example ; ssh://b.example", which cannot be; it is ssh://user@host or ssh-ng://user@host',
    },
    {
      reason: 'a machine that builds named as an option of ssh',
      data: { nix: { builders: [{ uri: 'ssh://-oProxyCommand=x' }] } },
      says: 'data.nix.builders[0].uri is "ssh://-oProxyCommand=x", which cannot be; it is ssh://user@host or ssh-ng://user@host',
    },
    {
      reason: 'a system with a space, which would be the next field',
      data: { nix: { builders: [{ uri: 'ssh://a.example', systems: ['x86_64-linux -'] }] } },
      says: 'data.nix.builders[0].systems[0] is "x86_64-linux -", which cannot be; a system is x86_64-linux or aarch64-linux',
    },
    {
      reason: 'a key without its name',
      data: { nix: { trustedPublicKeys: ['A'.repeat(44)] } },
      says: `data.nix.trustedPublicKeys[0] is "${'A'.repeat(44)}", which cannot be; a key is cache.nixos.org-1: and 44 characters of base 64`,
    },
    {
      reason: 'a secret itself in place of its name',
      data: { secrets: { accessTokens: 'github.com=ghp_x' } },
      says: 'data.secrets.accessTokens is "github.com=ghp_x", which cannot be; it is the name of a Secret of this namespace',
    },
  ],
  'the Pod and the life of an image': [
    {
      reason: 'memory without its unit',
      data: { pod: { memory: 4 } },
      says: 'data.pod.memory is the number 4 here; quote it: memory: "4"',
    },
    {
      reason: 'memory in words',
      data: { pod: { memory: '4 gigabytes' } },
      says: 'data.pod.memory is "4 gigabytes", which cannot be; it is an amount such as 4Gi',
    },
    {
      reason: 'no attempt at all',
      data: { pod: { attempts: 0 } },
      says: 'data.pod.attempts is 0; it must be >= 1',
    },
    {
      reason: "a Pod's field that is not here",
      data: { pod: { hostNetwork: true } },
      says: 'data.pod.hostNetwork is no field here; docs/reference.md lists all fields',
    },
    {
      reason: 'a policy that is none',
      data: { tagPolicy: 'immutable' },
      says: 'data.tagPolicy is "immutable"; it is one of Mutable, Immutable',
    },
    {
      reason: 'a level that zstd has not',
      data: { compression: 'zstd:20' },
      says: 'data.compression is "zstd:20", which cannot be; it is zstd, gzip or none, the first two with a level where wanted: zstd:19',
    },
    {
      reason: 'media types that know no zstd',
      data: { compression: 'zstd', mediaTypes: 'docker' },
      says: "data.compression is zstd, and Docker's media types have none for it; choose gzip or none",
    },
  ],
};

for (const [group, rows] of Object.entries(groups))
  describe(`${group}: what cannot be is told in a sentence`, () => {
    for (const { reason, data, says } of rows)
      test(reason, () => {
        const validated = validateNixImage(curlWith(data));
        assert.ok(!validated.ok);
        assert.equal(problemsText(validated.problems), says);
      });
  });
