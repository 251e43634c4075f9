import { hash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CodedError, messageOf } from './errors.ts';

export class TokenError extends CodedError<'TOKEN_UNREADABLE' | 'TOKEN_EMPTY'> {}

/**
 * The token in a file, without the white space around it.
 * @throws {TokenError} when the file cannot be read or holds no token.
 */
export async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const message = `the token file ${path} cannot be read (${messageOf(cause)}); write a token into it`;
    throw new TokenError('TOKEN_UNREADABLE', message, { cause });
  });
  const token = text.trim();
  if (token === '')
    throw new TokenError('TOKEN_EMPTY', `the token file ${path} is empty; write a token into it`);
  return token;
}

/**
 * A check of the `Authorization` header against `Bearer <token>` (RFC 6750, section 2.1).
 * The time it takes tells nothing about the token.
 */
export function bearerCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const shown = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return shown !== undefined && timingSafeEqual(digest(shown), expected);
  };
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
