import { pushToVariable } from '../../runtime/contract/pushing.ts';
import { secretKinds, secretsVariable } from '../../runtime/contract/secrets.ts';
import type { ImageData } from '../resource/niximage.ts';

/** Where a builder fetches from, and with what. */
export type Fetching = Pick<ImageData, 'nix' | 'secrets'>;

const secretsFolder = '/niximage/secrets';

type Json = Readonly<Record<string, unknown>>;

/** Settings of Nix's as nix.conf has them, the given ones first; undefined where there are none. */
export function nixConfig(given: string | undefined, nix: NonNullable<ImageData['nix']>): string | undefined {
  const { substituters = [], trustedPublicKeys = [], builders = [] } = nix;
  const lines = [
    ...(given === undefined ? [] : [given]),
    ...(substituters.length === 0 ? [] : [`extra-substituters = ${substituters.join(' ')}`]),
    ...(trustedPublicKeys.length === 0 ? [] : [`extra-trusted-public-keys = ${trustedPublicKeys.join(' ')}`]),
    ...(builders.length === 0 ? [] : [`builders = ${builders.map(machine).join('; ')}`]),
  ];
  return lines.length === 0 ? undefined : lines.join('\n');
}

type RemoteBuilder = NonNullable<NonNullable<ImageData['nix']>['builders']>[number];

/** One machine as the setting `builders` has it; `-` is Nix's default. https://nix.dev/manual/nix/latest/advanced-topics/distributed-builds */
function machine({
  uri,
  systems = [],
  maxJobs = 1,
  speedFactor = 1,
  supportedFeatures = [],
  mandatoryFeatures = [],
}: RemoteBuilder): string {
  const list = (names: readonly string[]): string => (names.length === 0 ? '-' : names.join(','));
  // What a package must ask for it can do as well.
  const supported = [...new Set([...supportedFeatures, ...mandatoryFeatures])];
  return [uri, list(systems), '-', maxJobs, speedFactor, list(supported), list(mandatoryFeatures)].join(' ');
}

/** Nix's settings, and where secrets are, where there are any. */
export function fetchingEnvironment(
  operator: string | undefined,
  { nix = {}, secrets = {} }: Fetching,
): Json[] {
  const config = nixConfig(operator, nix);
  return [
    ...(config === undefined ? [] : [{ name: 'NIX_CONFIG', value: config }]),
    ...(nix.pushTo === undefined ? [] : [{ name: pushToVariable, value: nix.pushTo.join(' ') }]),
    ...(Object.keys(secrets).length === 0 ? [] : [{ name: secretsVariable, value: secretsFolder }]),
  ];
}

export function secretMounts({ secrets = {} }: Fetching): Json[] {
  return secretKinds
    .filter((kind) => secrets[kind] !== undefined)
    .map((kind) => ({ name: volumeName(kind), mountPath: `${secretsFolder}/${kind}`, readOnly: true }));
}

/** Readable for the Pod's plain user, whom no file of a Secret belongs to; nobody else is in the Pod. */
export function secretVolumes({ secrets = {} }: Fetching): Json[] {
  return secretKinds.flatMap((kind) => {
    const secretName = secrets[kind];
    return secretName === undefined
      ? []
      : [{ name: volumeName(kind), secret: { secretName, defaultMode: 0o444 } }];
  });
}

function volumeName(kind: string): string {
  return `secret-${kind.toLowerCase()}`;
}
