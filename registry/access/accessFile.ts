import { readFile } from 'node:fs/promises';
import { isNamespace } from '../../oci/names.ts';
import { CodedError, messageOf } from '../../runtime/errors.ts';
import type { Grant } from './access.ts';

export class AccessError extends CodedError<'ACCESS_UNREADABLE' | 'ACCESS_MALFORMED'> {}

/**
 * Reads the grants of a file, one a line: a namespace or `*`, `read` or `write`, and the SHA-256 of the token in
 * hexadecimal. Empty lines and those that begin with `#` do not count.
 * @throws {AccessError}
 */
export async function readAccessFile(path: string): Promise<readonly Grant[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const message = `the access file ${path} cannot be read (${messageOf(cause)}); write one grant a line into it`;
    throw new AccessError('ACCESS_UNREADABLE', message, { cause });
  });
  return text
    .split('\n')
    .map((line, index) => ({ words: line.trim().split(/\s+/), number: index + 1 }))
    .filter(({ words: [first = ''] }) => first !== '' && !first.startsWith('#'))
    .map(({ words, number }) => {
      const grant = parseGrant(words);
      if (grant !== undefined) return grant;
      throw new AccessError(
        'ACCESS_MALFORMED',
        `line ${number} of the access file ${path} must be <namespace or *> <read or write> <SHA-256 of the token>`,
      );
    });
}

function parseGrant([namespace = '', may, token = '', ...more]: readonly string[]): Grant | undefined {
  if (namespace !== '*' && !isNamespace(namespace)) return undefined;
  if ((may !== 'read' && may !== 'write') || !/^[0-9a-f]{64}$/.test(token) || more.length > 0)
    return undefined;
  return { namespace, may, token: Buffer.from(token, 'hex') };
}
