import { secretKinds, secretsVariable } from '../../runtime/contract/secrets.ts';
import type { ImageData } from '../resource/niximage.ts';

/** Where a builder fetches from, and with what. */
export type Fetching = Pick<ImageData, 'nix' | 'secrets'>;

const secretsFolder = '/niximage/secrets';

type Json = Readonly<Record<string, unknown>>;

/** Settings of Nix's as nix.conf has them, the given ones first; undefined where there are none. */
export function nixConfig(given: string | undefined, nix: NonNullable<ImageData['nix']>): string | undefined {
  const { substituters = [], trustedPublicKeys = [] } = nix;
  const lines = [
    ...(given === undefined ? [] : [given]),
    ...(substituters.length === 0 ? [] : [`extra-substituters = ${substituters.join(' ')}`]),
    ...(trustedPublicKeys.length === 0 ? [] : [`extra-trusted-public-keys = ${trustedPublicKeys.join(' ')}`]),
  ];
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** Nix's settings, and where secrets are, where there are any. */
export function fetchingEnvironment(
  operator: string | undefined,
  { nix = {}, secrets = {} }: Fetching,
): Json[] {
  const config = nixConfig(operator, nix);
  return [
    ...(config === undefined ? [] : [{ name: 'NIX_CONFIG', value: config }]),
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
