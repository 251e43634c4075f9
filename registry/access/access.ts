import { timingSafeEqual } from 'node:crypto';
import { shownToken } from './credentials.ts';

/** One grant: whoever shows the token may read, or read and write, the images of a namespace, or of all (`*`). */
export interface Grant {
  readonly namespace: string;
  readonly may: 'read' | 'write';
  /** SHA-256 of the token. */
  readonly token: Buffer;
}

/** `Unknown`: the request shows no token, or one that nobody has. `Refused`: its token is for something else. */
export type Verdict = 'Allowed' | 'Unknown' | 'Refused';

export interface Access {
  /** Whether anybody may write anything. */
  readonly writable: boolean;
  /**
   * Whether a request may go on. Reading needs a token only where the namespace has a grant to read; writing always.
   * @param namespace undefined for what belongs to none, such as `/v2/`: any token will do there, so that clients learn
   * how to log in.
   */
  judge(authorization: string | undefined, may: Grant['may'], namespace: string | undefined): Verdict;
}

/** @param current the grants as they are at the moment. */
export function createAccess(current: () => readonly Grant[]): Access {
  const concerns = (grant: Grant, namespace: string): boolean =>
    grant.namespace === '*' || grant.namespace === namespace;
  return {
    get writable() {
      return current().some(({ may }) => may === 'write');
    },
    judge(authorization, may, namespace) {
      const grants = current();
      if (grants.length === 0 && may === 'read') return 'Allowed';
      const open =
        namespace === undefined
          ? grants.length === 0
          : may === 'read' && !grants.some((grant) => grant.may === 'read' && concerns(grant, namespace));
      if (open) return 'Allowed';
      const shown = shownToken(authorization);
      const theirs = shown === undefined ? [] : grants.filter(({ token }) => timingSafeEqual(token, shown));
      if (theirs.length === 0) return 'Unknown';
      const enough = theirs.some(
        (grant) =>
          namespace === undefined ||
          (concerns(grant, namespace) && (may === 'read' || grant.may === 'write')),
      );
      return enough ? 'Allowed' : 'Refused';
    },
  };
}
