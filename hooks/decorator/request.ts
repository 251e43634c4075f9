import { RequestError } from '../parseRequest.ts';

/**
 * What Metacontroller sends to a DecoratorController's hooks for a Namespace, as far as this hook looks at it:
 * https://metacontroller.github.io/metacontroller/api/decoratorcontroller.html
 */
export interface NamespaceRequest {
  readonly name: string;
  readonly uid: string;
  /** What hangs on the namespace already; what is being deleted is among it. */
  readonly volume?: Attachment;
  readonly claim?: Attachment;
}

export interface Attachment {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** `Bound`, `Released`, `Lost`, ...; absent until the cluster has said one. */
  readonly phase?: string;
  readonly going: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a sync or finalize request for a Namespace.
 * @throws {RequestError}
 */
export function parseNamespaceRequest(body: unknown): NamespaceRequest {
  const object = isJson(body) ? body['object'] : undefined;
  if (!isJson(body) || !isJson(object)) throw new RequestError('the request has no object');
  const metadata = isJson(object['metadata']) ? object['metadata'] : {};
  const { name, uid } = { name: metadata['name'], uid: metadata['uid'] };
  if (object['kind'] !== 'Namespace')
    throw new RequestError(`the object is a ${String(object['kind'])}, and this hook decorates Namespaces`);
  if (typeof name !== 'string' || name === '') throw new RequestError('the Namespace has no metadata.name');
  if (typeof uid !== 'string' || uid === '')
    throw new RequestError(`the Namespace ${name} has no metadata.uid`);
  const attachments = isJson(body['attachments']) ? body['attachments'] : {};
  const volume = onlyOne(attachments['PersistentVolume.v1'], 'PersistentVolume');
  const claim = onlyOne(attachments['PersistentVolumeClaim.v1'], 'PersistentVolumeClaim');
  return {
    name,
    uid,
    ...(volume === undefined ? {} : { volume }),
    ...(claim === undefined ? {} : { claim }),
  };
}

/** A namespace has one of each kind; the keys differ between versions of the hook, the objects say their names. */
function onlyOne(group: unknown, kind: string): Attachment | undefined {
  const object = Object.values(isJson(group) ? group : {}).find(isJson);
  if (object === undefined) return undefined;
  const metadata = isJson(object['metadata']) ? object['metadata'] : {};
  const status = isJson(object['status']) ? object['status'] : {};
  const { name, namespace, phase } = {
    name: metadata['name'],
    namespace: metadata['namespace'],
    phase: status['phase'],
  };
  if (typeof name !== 'string') throw new RequestError(`a ${kind} has no metadata.name`);
  return {
    apiVersion: 'v1',
    kind,
    name,
    ...(typeof namespace === 'string' ? { namespace } : {}),
    ...(typeof phase === 'string' ? { phase } : {}),
    going: metadata['deletionTimestamp'] !== undefined,
  };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
