import { Pool } from 'undici';
import type { BuildNews, Finalized, ImageState, PublicationView } from '../runtime/contract/keeper.ts';
import type { SlotUse, Turn } from '../runtime/contract/turn.ts';
import { CodedError, messageOf } from '../runtime/errors.ts';
import { exchange } from './exchange.ts';
import type { ObservedImage } from './sync.ts';

/** The keeper did not answer, or not as it should. */
export class KeeperError extends CodedError<'KEEPER_UNREACHABLE' | 'KEEPER_REFUSED' | 'KEEPER_ANSWER'> {}

/** What the hook asks of the keeper. */
export interface Keeper {
  /** Never rejects: what cannot be told is `Unknown`. */
  imageState(namespace: string, name: string, tag: string): Promise<ObservedImage>;
  /**
   * Tells how far an image is that is not served yet.
   * @throws {KeeperError}
   */
  noteBuild(namespace: string, name: string, news: BuildNews): Promise<void>;
  /**
   * Asks for what a build runs in, or tells what became of it; undefined where nothing was asked.
   * @throws {KeeperError}
   */
  useSlot(namespace: string, name: string, use: SlotUse): Promise<Turn | undefined>;
  /** @throws {KeeperError} */
  finalize(namespace: string, name: string, uid: string): Promise<Finalized>;
  /**
   * Makes the namespace's tree, where it is not there.
   * @throws {KeeperError}
   */
  createNamespace(namespace: string, uid: string): Promise<void>;
  close(): Promise<void>;
}

const timeoutMilliseconds = 2000;

/** Talks to the keeper's internal port (`runtime/contract/keeper.ts`) over a few connections that are kept. */
export function keeperClient(url: string, token: string): Keeper {
  const pool = new Pool(url, {
    connections: 8,
    pipelining: 4,
    headersTimeout: timeoutMilliseconds,
    bodyTimeout: timeoutMilliseconds,
    connect: { timeout: timeoutMilliseconds },
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown> => {
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await exchange(pool, { method, path, headers, body: text }).catch((cause: unknown) => {
      const message = `the keeper at ${url} does not answer: ${messageOf(cause)}`;
      throw new KeeperError('KEEPER_UNREACHABLE', message, { cause });
    });
    if (answer.status !== 200 && answer.status !== 201) throw refusal(url, answer.status, answer.text);
    return parseJson(answer.text);
  };
  return {
    async imageState(namespace, name, tag) {
      try {
        const path = `/internal/v1/namespaces/${namespace}/images/${name}/tags/${tag}`;
        return parseImageState(await ask('GET', path));
      } catch (error) {
        return { state: 'Unknown', reason: messageOf(error) };
      }
    },
    async noteBuild(namespace, name, news) {
      await ask('PUT', `/internal/v1/namespaces/${namespace}/images/${name}/build`, news);
    },
    async useSlot(namespace, name, use) {
      const answer = await ask('POST', `/internal/v1/namespaces/${namespace}/images/${name}/slot`, use);
      return use.use === 'Start' ? parseTurn(answer) : undefined;
    },
    async finalize(namespace, name, uid) {
      const path = `/internal/v1/namespaces/${namespace}/images/${name}/finalize`;
      return parseFinalized(await ask('POST', path, { uid }));
    },
    async createNamespace(namespace, uid) {
      await ask('PUT', `/internal/v1/namespaces/${namespace}`, { uid });
    },
    close: () => pool.close(),
  };
}

function refusal(url: string, status: number, content: string): KeeperError {
  const value = parseJson(content);
  const error = isJson(value) && isJson(value['error']) ? value['error']['message'] : undefined;
  const why = typeof error === 'string' ? error : `status ${status}`;
  return new KeeperError(
    'KEEPER_REFUSED',
    status === 401
      ? `the keeper at ${url} does not take the token that it is shown; give both the same one`
      : `the keeper at ${url} says: ${why}`,
  );
}

function parseImageState(value: unknown): ImageState {
  if (isJson(value) && value['state'] === 'NoNamespace') return { state: 'NoNamespace' };
  if (isJson(value) && value['state'] === 'Absent' && typeof value['ordinal'] === 'number')
    return { state: 'Absent', ordinal: value['ordinal'] };
  if (isJson(value) && value['state'] === 'Present' && isPublication(value['publication']))
    return { state: 'Present', publication: value['publication'] };
  throw new KeeperError(
    'KEEPER_ANSWER',
    'the keeper answered something that is no state of an image; are the versions the same?',
  );
}

function isPublication(value: unknown): value is PublicationView {
  return (
    isJson(value) &&
    ['digest', 'mediaType', 'inputHash', 'uid'].every((name) => typeof value[name] === 'string') &&
    ['size', 'ordinal'].every((name) => typeof value[name] === 'number')
  );
}

function parseTurn(value: unknown): Turn {
  if (isJson(value) && value['turn'] === 'Go' && typeof value['since'] === 'string')
    return { turn: 'Go', since: value['since'] };
  if (isJson(value) && value['turn'] === 'Later' && typeof value['askAgainSeconds'] === 'number')
    return { turn: 'Later', askAgainSeconds: value['askAgainSeconds'] };
  if (isJson(value) && value['turn'] === 'Wait') {
    const { place, of, askAgainSeconds } = {
      place: value['place'],
      of: value['of'],
      askAgainSeconds: value['askAgainSeconds'],
    };
    if (typeof place === 'number' && typeof of === 'number' && typeof askAgainSeconds === 'number')
      return { turn: 'Wait', place, of, askAgainSeconds };
  }
  throw new KeeperError(
    'KEEPER_ANSWER',
    'the keeper answered something that is no turn of a build; are the versions the same?',
  );
}

function parseFinalized(value: unknown): Finalized {
  if (
    isJson(value) &&
    typeof value['removedTags'] === 'number' &&
    typeof value['removedManifests'] === 'number'
  )
    return { removedTags: value['removedTags'], removedManifests: value['removedManifests'] };
  throw new KeeperError(
    'KEEPER_ANSWER',
    'the keeper answered something else than what it removed; are the versions the same?',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isJson(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
