import { Agent, request } from 'undici';

export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** The API server, by its own paths, as the cluster's administrator. */
export interface ApiClient {
  /** Whether it serves yet. */
  isReady(): Promise<boolean>;
  get<Result>(path: string): Promise<Result>;
  /** Undefined where there is none. */
  find<Result>(path: string): Promise<Result | undefined>;
  /** @returns the object as it was made. */
  post<Result>(path: string, body: unknown): Promise<Result>;
  /** A strategic merge patch; false where the object is gone. */
  patch(path: string, body: unknown): Promise<boolean>;
  /** At once, with no grace. */
  remove(path: string): Promise<void>;
  /**
   * Calls back for each object that is there, as for one that is added, and for each event from then on, until what this
   * resolves to is called, or the client is closed. An event of the type ERROR ends the process.
   * @param of what happens to this one since it was read, and nothing else.
   */
  watch(path: string, see: (event: WatchEvent) => void, of?: KubeObject): Promise<() => void>;
  /** To be called when nothing is asked any more. */
  close(): Promise<void>;
}

export function apiClient(url: string, token: string): ApiClient {
  // The API server made its certificate itself, for this one test.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false }, bodyTimeout: 0 });
  const closing = new AbortController();
  const send = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
    const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
    const answer = await request(url + path, {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400 && answer.statusCode !== 404)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return { isThere: answer.statusCode !== 404, text };
  };
  const readLines = async (body: AsyncIterable<string>, see: (event: WatchEvent) => void) => {
    let rest = '';
    for await (const chunk of body) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event: WatchEvent = JSON.parse(line);
        if (event.type === 'ERROR') throw new Error(`a watch ended: ${line}`);
        see(event);
      }
    }
  };
  return {
    isReady: () =>
      send('GET', '/readyz').then(
        ({ text }) => text === 'ok',
        () => false,
      ),
    async get(path) {
      const { isThere, text } = await send('GET', path);
      if (!isThere) throw new Error(`GET ${path}: ${text}`);
      return JSON.parse(text);
    },
    async find(path) {
      const { isThere, text } = await send('GET', path);
      return isThere ? JSON.parse(text) : undefined;
    },
    post: async (path, body) => JSON.parse((await send('POST', path, body)).text),
    patch: async (path, body) => (await send('PATCH', path, body)).isThere,
    remove: async (path) => void (await send('DELETE', path, { gracePeriodSeconds: 0 })),
    async watch(path, see, of) {
      const stopping = new AbortController();
      const signal = AbortSignal.any([stopping.signal, closing.signal]);
      const headers = { authorization: `Bearer ${token}` };
      const query =
        of === undefined
          ? { watch: true, resourceVersion: 0 }
          : {
              watch: true,
              resourceVersion: of.metadata.resourceVersion,
              fieldSelector: `metadata.name=${of.metadata.name}`,
            };
      const { statusCode, body } = await request(url + path, { dispatcher, headers, signal, query });
      if (statusCode !== 200) throw new Error(`a watch of ${path}: ${statusCode} ${await body.text()}`);
      readLines(body.setEncoding('utf8'), see).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      return () => stopping.abort();
    },
    async close() {
      closing.abort();
      await dispatcher.destroy();
    },
  };
}
