import { type Agent, request } from 'undici';
import { messageOf } from '../../../runtime/errors.ts';
import { type HookAnswer, parseAnswer, SyncError } from './answer.ts';

/** Where the hook is, and what it asks to be shown. */
export interface HookAddress {
  readonly url: string;
  readonly token: string;
}

/** Metacontroller's own limit, and the CompositeController's. */
const timeoutMilliseconds = 10_000;

/** Posts one request to the hook and reads its answer. @throws {SyncError} */
export async function callHook(
  agent: Agent,
  { url, token }: HookAddress,
  path: '/sync' | '/finalize',
  body: unknown,
  signal: AbortSignal,
): Promise<HookAnswer> {
  const answer = await request(`${url}${path}`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]),
  }).catch((cause: unknown) => {
    throw new SyncError('HOOK_UNREACHABLE', `the hook at ${url} does not answer: ${messageOf(cause)}`, {
      cause,
    });
  });
  const text = await answer.body.text();
  if (answer.statusCode === 200) return parseAnswer(text);
  const retryAfter = Number(answer.headers['retry-after']);
  throw new SyncError(
    'HOOK_REFUSED',
    `unsupported status code: ${answer.statusCode} body: ${text.slice(0, 500)}`,
    {
      ...(answer.statusCode === 429 && retryAfter > 0 ? { retryAfter } : {}),
    },
  );
}
