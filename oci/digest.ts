import { createHash } from 'node:crypto';

/** What the image-spec registers: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms */
export type DigestAlgorithm = 'sha256' | 'sha512';

/**
 * A digest: the algorithm, a colon, and 64 or 128 lower-case hexadecimal digits. What is built here is named by SHA-256;
 * what is pushed may be named by either.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
export type Digest = `${DigestAlgorithm}:${string}` & { readonly __brand: 'Digest' };

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const prefixLength = 'sha256:'.length;

export function parseDigest(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return digestOfHex(createHash(algorithm).update(bytes).digest('hex'), algorithm);
}

/** @param hex the lower-case hexadecimal digits, as `Hash.digest('hex')` gives them. */
export function digestOfHex(hex: string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  const digest = parseDigest(`${algorithm}:${hex}`);
  if (digest === undefined)
    throw new RangeError(`not the hexadecimal digits of a ${algorithm} digest: ${hex}`);
  return digest;
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The digits without the algorithm: a blob's file name. */
export function hexOf(digest: Digest): string {
  return digest.slice(prefixLength);
}
