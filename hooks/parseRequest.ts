import { CodedError } from '../runtime/errors.ts';
import { builderContainer } from './children/pod.ts';
import type {
  Children,
  ObjectMeta,
  ObservedConfigMap,
  ObservedContainer,
  ObservedPod,
  SyncRequest,
} from './metacontroller.ts';
import type { ConfigMapTexts } from './resource/configMaps.ts';
import { isTime } from './status/time.ts';

/** The body is not what Metacontroller sends. The message ends up in an event on the parent. */
export class RequestError extends CodedError<'INVALID_REQUEST'> {
  constructor(message: string) {
    super('INVALID_REQUEST', message);
  }
}

type Json = Readonly<Record<string, unknown>>;

const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const;

/**
 * Reads the body of a sync or finalize request. Children that another object owns are left out: they are not ours,
 * whoever sent them. Both forms of keys, `name` (v1) and `namespace/name` (v2), are taken: the objects say their names.
 * @throws {RequestError}
 */
export function parseRequest(body: unknown): SyncRequest {
  if (!isJson(body) || !isJson(body['parent'])) throw new RequestError('the request has no parent');
  const parent = body['parent'];
  const metadata = metaOf(parent, 'parent');
  const raw = isJson(parent['metadata']) ? parent['metadata'] : {};
  const { creationTimestamp, generation } = {
    creationTimestamp: raw['creationTimestamp'],
    generation: raw['generation'],
  };
  if (typeof creationTimestamp !== 'string' || !isTime(creationTimestamp))
    throw new RequestError('parent.metadata.creationTimestamp is no time');
  if (typeof generation !== 'number' || !Number.isSafeInteger(generation))
    throw new RequestError('parent.metadata.generation is no whole number');
  return {
    parent: { metadata: { ...metadata, creationTimestamp }, generation, object: parent },
    children: childrenOf(body['children'], metadata.uid),
    configMaps: relatedTexts(body['related'], metadata.namespace),
    namespaceIsGoing: isGoing(body['related'], metadata.namespace),
    finalizing: body['finalizing'] === true,
  };
}

function childrenOf(value: unknown, parentUid: string): Children {
  const groups = isJson(value) ? value : {};
  const ours = (kind: string): (readonly [Json, ObjectMeta])[] =>
    Object.values(isJson(groups[kind]) ? groups[kind] : {})
      .filter(isJson)
      .map((child) => [child, metaOf(child, kind)] as const)
      .filter(([, { ownerReferences }]) => isOwned(ownerReferences, parentUid));
  return {
    configMaps: new Map(
      ours('ConfigMap.v1').map(([child, metadata]) => [metadata.name, configMapOf(child, metadata)]),
    ),
    pods: new Map(ours('Pod.v1').map(([child, metadata]) => [metadata.name, podOf(child, metadata)])),
  };
}

/** Of the parent's own namespace: no other's were asked for. */
function relatedTexts(value: unknown, namespace: string): ConfigMapTexts {
  const groups = isJson(value) ? value : {};
  const objects = Object.values(isJson(groups['ConfigMap.v1']) ? groups['ConfigMap.v1'] : {}).filter(isJson);
  return new Map(
    objects
      .map((object) => [metaOf(object, 'a related ConfigMap'), textsOf(object['data'])] as const)
      .filter(([metadata]) => metadata.namespace === namespace && metadata.deletionTimestamp === undefined)
      .map(([{ name }, texts]) => [name, texts]),
  );
}

function isGoing(related: unknown, namespace: string): boolean {
  const groups = isJson(related) ? related : {};
  const objects = Object.values(isJson(groups['Namespace.v1']) ? groups['Namespace.v1'] : {}).filter(isJson);
  return objects
    .map((object) => metaOf(object, 'a related Namespace'))
    .some(({ name, deletionTimestamp }) => name === namespace && deletionTimestamp !== undefined);
}

/** Without owners it came by the selector alone, which only our children match. */
function isOwned(references: ObjectMeta['ownerReferences'], parentUid: string): boolean {
  const controller = references?.find((reference) => reference.controller === true);
  return controller === undefined || controller.uid === parentUid;
}

function metaOf(object: Json, where: string): ObjectMeta {
  const metadata = isJson(object['metadata']) ? object['metadata'] : {};
  const { name, namespace, uid } = {
    name: metadata['name'],
    namespace: metadata['namespace'],
    uid: metadata['uid'],
  };
  if (typeof name !== 'string' || name === '') throw new RequestError(`${where} has no metadata.name`);
  if (typeof uid !== 'string' || uid === '') throw new RequestError(`${where} ${name} has no metadata.uid`);
  const changedAt = changeTime(metadata['managedFields']);
  return {
    name,
    namespace: typeof namespace === 'string' ? namespace : 'default',
    uid,
    annotations: textsOf(metadata['annotations']),
    ...timeAt(metadata, 'creationTimestamp'),
    ...timeAt(metadata, 'deletionTimestamp'),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(Array.isArray(metadata['ownerReferences'])
      ? { ownerReferences: metadata['ownerReferences'].filter(isJson).map(ownerOf) }
      : {}),
  };
}

function changeTime(managedFields: unknown): string | undefined {
  const entries = listOf(managedFields).filter((entry) => entry['subresource'] !== 'status');
  return latest(entries.map((entry) => entry['time']));
}

/** Times of the API server are all of one form, so that their order is that of the texts. */
function latest(times: readonly unknown[]): string | undefined {
  return times
    .filter((time) => typeof time === 'string')
    .filter(isTime)
    .sort()
    .at(-1);
}

function ownerOf(reference: Json): { uid: string; controller: boolean } {
  return { uid: String(reference['uid']), controller: reference['controller'] === true };
}

function configMapOf(object: Json, metadata: ObjectMeta): ObservedConfigMap {
  return { metadata, data: textsOf(object['data']) };
}

function podOf(object: Json, metadata: ObjectMeta): ObservedPod {
  const status = isJson(object['status']) ? object['status'] : {};
  const conditions = listOf(status['conditions']);
  const scheduled = conditions.find((condition) => condition['type'] === 'PodScheduled');
  const readyToStart = conditions.find((condition) => condition['type'] === 'PodReadyToStartContainers');
  const changedAt = latest(conditions.map((condition) => condition['lastTransitionTime']));
  const containers = listOf(status['containerStatuses']);
  // A cluster may put containers of its own into a Pod.
  const container = containers.find(({ name }) => name === builderContainer) ?? containers[0];
  return {
    metadata,
    phase: phases.find((phase) => phase === status['phase']) ?? 'Pending',
    ...textAt(status, 'reason'),
    ...textAt(status, 'message'),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(scheduled === undefined
      ? {}
      : { scheduled: { status: String(scheduled['status']), ...textAt(scheduled, 'message') } }),
    ...(readyToStart === undefined ? {} : { readyToStart: readyToStartOf(readyToStart) }),
    ...containerAt(container),
  };
}

function readyToStartOf(condition: Json): NonNullable<ObservedPod['readyToStart']> {
  const { lastTransitionTime: since } = timeAt(condition, 'lastTransitionTime');
  return { status: String(condition['status']), ...(since === undefined ? {} : { since }) };
}

function containerAt(status: Json | undefined): { container?: ObservedContainer } {
  const state = isJson(status?.['state']) ? status['state'] : {};
  const { waiting, running, terminated } = {
    waiting: state['waiting'],
    running: state['running'],
    terminated: state['terminated'],
  };
  if (isJson(terminated))
    return {
      container: {
        kind: 'Terminated',
        exitCode: typeof terminated['exitCode'] === 'number' ? terminated['exitCode'] : -1,
        ...textAt(terminated, 'reason'),
        ...textAt(terminated, 'message'),
        ...timeAt(terminated, 'startedAt'),
        ...timeAt(terminated, 'finishedAt'),
      },
    };
  if (isJson(running)) return { container: { kind: 'Running', ...timeAt(running, 'startedAt') } };
  if (isJson(waiting))
    return { container: { kind: 'Waiting', ...textAt(waiting, 'reason'), ...textAt(waiting, 'message') } };
  return {};
}

function textAt<Name extends string>(object: Json, name: Name): { [Key in Name]?: string } {
  const value = object[name];
  // One entry, under the very name that the type has.
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as { [Key in Name]?: string };
}

/** As `textAt`, where it is a time. */
function timeAt<Name extends string>(object: Json, name: Name): { [Key in Name]?: string } {
  const value = object[name];
  return typeof value === 'string' && isTime(value) ? textAt(object, name) : {};
}

function textsOf(value: unknown): Record<string, string> {
  if (!isJson(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
