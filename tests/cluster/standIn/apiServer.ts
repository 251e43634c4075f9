import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { isRecord } from '../../../metacontroller/embedded/controller/json.ts';

/** Where the API server is, and who asks. */
export interface ApiAddress {
  readonly url: string;
  readonly token: string;
  /** PEM; without it any certificate will do. */
  readonly authority?: string;
}

/** A refusal by the API server, with its HTTP status. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The API server over HTTP: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export class ApiServer {
  readonly #address: ApiAddress;
  readonly #agent: Agent;

  constructor(address: ApiAddress) {
    this.#address = address;
    const { authority } = address;
    this.#agent = new Agent({
      connect: authority === undefined ? { rejectUnauthorized: false } : { ca: authority },
      // A watch is silent for as long as nothing changes.
      bodyTimeout: 0,
    });
  }

  /** @throws {ApiError} */
  async ask(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.#request(method, path, body);
    const value: unknown = JSON.parse(await answer.text());
    if (!isRecord(value)) throw new Error(`${path}: no object`);
    return value;
  }

  /**
   * Each event of a watch, until the server ends it.
   * @throws {ApiError}
   */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<Record<string, unknown>> {
    let rest = '';
    const stream = await this.#request('GET', path, undefined, signal);
    stream.setEncoding('utf8');
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event: unknown = JSON.parse(line);
        if (isRecord(event)) yield event;
      }
    }
  }

  async #request(method: Dispatcher.HttpMethod, path: string, body: unknown, signal?: AbortSignal) {
    const { url, token } = this.#address;
    const { statusCode, body: answer } = await request(url + path, {
      dispatcher: this.#agent,
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
    if (statusCode >= 400) throw new ApiError(statusCode, `${method} ${path}: ${await answer.text()}`);
    return answer;
  }
}

const account = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Of a kubeconfig as controlPlane.ts writes it; without one, what a Pod is given. */
export async function apiAddress(
  kubeconfig: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<ApiAddress> {
  if (kubeconfig !== undefined) {
    const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8'));
    return { url: clusters[0].cluster.server, token: users[0].user.token };
  }
  return {
    url: `https://${environment['KUBERNETES_SERVICE_HOST']}:${environment['KUBERNETES_SERVICE_PORT']}`,
    token: await readFile(`${account}/token`, 'utf8'),
    authority: await readFile(`${account}/ca.crt`, 'utf8'),
  };
}
