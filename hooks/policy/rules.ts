import { isOfFlake } from '../expression/entry.ts';
import type { ImageData } from '../resource/niximage.ts';

/** Something that the operator may refuse. */
export interface Rule {
  readonly name: string;
  /** Whether it is allowed where the operator says nothing. */
  readonly byDefault: boolean;
  /** The fields that use it, as a manifest names them. */
  readonly uses: (data: ImageData) => readonly string[];
}

/**
 * Without Nix's sandbox, which a Pod seldom has, Nix code and scripts of the manifest's can read all that the builder's
 * Pod mounts. Nix code is therefore off until the operator allows it.
 */
export const rules: readonly Rule[] = [
  {
    name: 'inline-nix',
    byDefault: false,
    uses: ({ overlays = [], sources = [], expression }) => [
      ...overlays.flatMap((overlay, index) =>
        present(overlay, ['inline', 'configMap'], `data.overlays[${index}]`),
      ),
      ...sources.flatMap((source, index) =>
        present(source, ['files', 'configMap'], `data.sources[${index}]`),
      ),
      ...present(expression ?? {}, ['inline', 'configMap'], 'data.expression'),
    ],
  },
  {
    name: 'sources',
    byDefault: false,
    uses: ({ sources = [], contents = [] }) => [
      ...(sources.some(isFetched) ? ['data.sources'] : []),
      ...contents.flatMap((entry, index) => (isOfFlake(entry) ? [`data.contents[${index}]`] : [])),
    ],
  },
  {
    name: 'source-volumes',
    byDefault: false,
    uses: ({ sources = [] }) =>
      sources.flatMap((source, index) => present(source, ['volume'], `data.sources[${index}]`)),
  },
  {
    name: 'caches',
    byDefault: false,
    uses: ({ nix = {} }) => present(nix, ['substituters', 'trustedPublicKeys'], 'data.nix'),
  },
  {
    name: 'kept-nix',
    byDefault: true,
    uses: ({ nix = {} }) => present(nix, ['claim'], 'data.nix'),
  },
  {
    name: 'push',
    byDefault: false,
    uses: ({ nix = {} }) => present(nix, ['pushTo'], 'data.nix'),
  },
  {
    name: 'remote-builders',
    byDefault: false,
    uses: ({ nix = {} }) => present(nix, ['builders'], 'data.nix'),
  },
  {
    name: 'secrets',
    byDefault: false,
    uses: ({ secrets = {} }) =>
      present(secrets, ['netrc', 'ssh', 'accessTokens', 'signingKey'], 'data.secrets'),
  },
  {
    name: 'scripts',
    byDefault: true,
    uses: (data) => present(data, ['extraCommands', 'fakeRootCommands']),
  },
  {
    name: 'nixpkgs-config',
    byDefault: true,
    uses: (data) => present(data, ['nixpkgsConfig']),
  },
  {
    name: 'pod-placement',
    byDefault: true,
    uses: ({ pod = {} }) =>
      present(
        pod,
        ['nodeSelector', 'tolerations', 'affinity', 'priorityClassName', 'runtimeClassName'],
        'data.pod',
      ),
  },
  {
    name: 'pod-metadata',
    byDefault: true,
    uses: ({ pod = {} }) => present(pod, ['labels', 'annotations'], 'data.pod'),
  },
  {
    name: 'pull-secrets',
    byDefault: true,
    uses: ({ pod = {} }) => present(pod, ['imagePullSecrets'], 'data.pod'),
  },
  {
    name: 'service-account',
    byDefault: false,
    uses: ({ pod = {} }) => present(pod, ['serviceAccountName'], 'data.pod'),
  },
  {
    name: 'pulled-images',
    byDefault: true,
    uses: ({ fromImage }) => (fromImage?.imageName === undefined ? [] : ['data.fromImage.imageName']),
  },
];

function isFetched({ git, tarball, channel, flake }: NonNullable<ImageData['sources']>[number]): boolean {
  return [git, tarball, channel, flake].some((each) => each !== undefined);
}

function present<Of extends object>(
  object: Of,
  fields: readonly (keyof Of & string)[],
  path = 'data',
): string[] {
  return fields.filter((field) => object[field] !== undefined).map((field) => `${path}.${field}`);
}
