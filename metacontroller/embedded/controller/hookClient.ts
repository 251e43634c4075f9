import { Agent, request } from 'undici';
import { messageOf } from '../../../runtime/errors.ts';
import type { KubeObject } from '../objects/kubeObject.ts';
import { type HookAnswer, parseAnswer } from './answer.ts';
import { SyncError } from './syncError.ts';

/** Where the hook is, and what it asks to be shown. */
export interface HookAddress {
  readonly url: string;
  readonly token: string;
}

export interface HookRequest {
  readonly controller: Readonly<Record<string, unknown>>;
  readonly parent: KubeObject;
  readonly children: Readonly<Record<string, unknown>>;
  readonly related: Readonly<Record<string, unknown>>;
  readonly finalizing: boolean;
}

export type HookReply =
  | { readonly kind: 'Answer'; readonly answer: HookAnswer }
  /** 429 with a Retry-After; no event tells of it. */
  | { readonly kind: 'Wait'; readonly seconds: number };

/** Asks the hook. @throws {SyncError} */
export type Hook = (
  path: '/sync' | '/finalize',
  body: HookRequest,
  signal: AbortSignal,
) => Promise<HookReply>;

/** Milliseconds; Metacontroller's own limit, and the CompositeController's. */
const timeout = 10_000;

/** The hook over HTTP. */
export class HookClient {
  readonly #address: HookAddress;
  readonly #agent = new Agent();

  constructor(address: HookAddress) {
    this.#address = address;
  }

  readonly call: Hook = async (path, body, signal) => {
    const { url, token } = this.#address;
    try {
      const {
        statusCode,
        headers,
        body: stream,
      } = await request(`${url}${path}`, {
        dispatcher: this.#agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      });
      return replyOf(statusCode, headers['retry-after'], await stream.text());
    } catch (cause) {
      if (cause instanceof SyncError) throw cause;
      const message = `the hook at ${url} does not answer: ${messageOf(cause)}`;
      throw new SyncError('HOOK_UNREACHABLE', message, { cause });
    }
  };

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/**
 * What an HTTP answer means. After a 429 without a Retry-After Metacontroller asks again at once, for ever; here it is
 * a failure like another, with its pauses.
 * @param retryAfter seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 * @throws {SyncError}
 */
export function replyOf(
  status: number,
  retryAfter: string | readonly string[] | undefined,
  text: string,
  now = Date.now(),
): HookReply {
  if (status === 200) return { kind: 'Answer', answer: parseAnswer(text) };
  const refusal = `unsupported status code: ${status} body: ${text.slice(0, 500)}`;
  if (status !== 429) throw new SyncError('HOOK_REFUSED', refusal);
  const asked = String(retryAfter);
  const seconds = /^\d+$/.test(asked) ? Number(asked) : Math.ceil((Date.parse(asked) - now) / 1000);
  if (seconds > 0) return { kind: 'Wait', seconds };
  throw new SyncError('HOOK_BUSY', refusal);
}
