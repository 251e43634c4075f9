import { createHash } from 'node:crypto';

/**
 * The token that a request shows, as its SHA-256; undefined where it shows none. It is the Bearer token, or the password
 * of Basic, which is what `docker login` and the like can send; the user name does not matter. Some clients send an
 * empty name and password where they have none: that is none.
 */
export function shownToken(authorization: string | undefined): Buffer | undefined {
  const [scheme = '', value = ''] = authorization?.trim().split(/ +/, 2) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value === '' ? undefined : hashToken(value);
    case 'basic': {
      const text = Buffer.from(value, 'base64').toString('utf8');
      const password = text.slice(text.indexOf(':') + 1);
      return !text.includes(':') || password === '' ? undefined : hashToken(password);
    }
    default:
      return undefined;
  }
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
