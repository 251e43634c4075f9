/** The uid that Kubernetes gives is a UUID; the embedded stand-in gives one too. */
const uidPattern = /^[0-9a-zA-Z](?:[0-9a-zA-Z-]{0,62}[0-9a-zA-Z])?$/;

/** The uid of a body `{uid}`; undefined where the body has another shape. */
export function parseUidBody(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('uid' in body)) return undefined;
  const { uid } = body;
  if (Object.keys(body).length !== 1 || typeof uid !== 'string') return undefined;
  return uidPattern.test(uid) ? uid : undefined;
}
