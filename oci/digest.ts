import { createHash } from 'node:crypto';

/**
 * A SHA-256 digest, `sha256:` and 64 lower-case hexadecimal digits.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
export type Digest = `sha256:${string}` & { readonly __brand: 'Digest' };

const pattern = /^sha256:[0-9a-f]{64}$/;

export function parseDigest(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

export function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

/** @param hex 64 lower-case hexadecimal digits, as `Hash.digest('hex')` gives them. */
export function digestOfHex(hex: string): Digest {
  const digest = parseDigest(`sha256:${hex}`);
  if (digest === undefined) throw new RangeError(`not the hexadecimal digits of a SHA-256: ${hex}`);
  return digest;
}

/** The 64 digits without the algorithm: a blob's file name. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
