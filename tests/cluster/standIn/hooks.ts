import { isRecord } from '../../../metacontroller/embedded/controller/json.ts';
import { ApiError, type ApiServer } from './apiServer.ts';

/** What of a controller's object the stand-in goes by. */
export interface ControllerObject {
  /** Another one means that it starts anew. */
  readonly version: string;
  /** The hook's, without a path. */
  readonly url: string;
  readonly token: string;
  readonly resyncPeriodSeconds: number;
}

const api = '/apis/metacontroller.k8s.io/v1alpha1';

/** Reads a CompositeController or DecoratorController, and the token that it names; undefined while one is missing. */
export async function readController(
  server: ApiServer,
  plural: 'compositecontrollers' | 'decoratorcontrollers',
  name: string,
): Promise<ControllerObject | undefined> {
  try {
    const { metadata, spec } = await server.ask('GET', `${api}/${plural}/${name}`);
    const webhook = at(spec, 'hooks', 'sync', 'webhook');
    const { namespace, name: secret, key } = Object(at(webhook, 'authorization', 'secretRef'));
    const { data } = await server.ask('GET', `/api/v1/namespaces/${namespace}/secrets/${secret}`);
    const encoded = at(data, key);
    if (typeof encoded !== 'string') return undefined;
    return {
      version: [at(metadata, 'uid'), at(metadata, 'generation'), encoded].map(String).join('/'),
      url: new URL(String(at(webhook, 'url'))).origin,
      token: Buffer.from(encoded, 'base64').toString(),
      resyncPeriodSeconds: Number(at(spec, 'resyncPeriodSeconds')),
    };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** Asks a hook that is none of a CompositeController's sync and finalize, and gives its answer as it is. */
export async function askHook(
  { url, token }: ControllerObject,
  path: string,
  body: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: status ${answer.status}: ${text.slice(0, 300)}`);
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error(`${path}: the answer is no object`);
  return value;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}
