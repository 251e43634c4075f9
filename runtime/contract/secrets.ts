/** The kinds of secrets that a builder knows, each with the keys of its Secret. */
export const secretKeys = {
  netrc: ['netrc'],
  ssh: ['ssh-privatekey', 'known_hosts'],
  accessTokens: ['access-tokens'],
  signingKey: ['secret-key'],
} as const;

export type SecretKind = keyof typeof secretKeys;

export const secretKinds: readonly SecretKind[] = ['netrc', 'ssh', 'accessTokens', 'signingKey'];

/** The variable that tells a builder below which folder there is one folder a kind, with a file a key. */
export const secretsVariable = 'NIXIMAGE_SECRETS';
