import type { KubeObject, OwnerReference } from '../objects/kubeObject.ts';
import { isObjectName, textOf } from '../objects/kubeObject.ts';
import type { NewObject } from '../objects/objectStore.ts';
import type { AnsweredChild } from './answer.ts';
import { isRecord, isTextMap } from './json.ts';
import { SyncError } from './syncError.ts';

/** The kinds that the CompositeController declares, in the order in which they are made. */
export const childKinds: readonly string[] = ['ConfigMap', 'Pod'];

/** What `generateSelector: true` gives each child, and finds it by. */
const selectorLabel = 'controller-uid';

export interface DesiredChildren {
  readonly children: readonly NewObject[];
  /** Names of all that was answered, as `textOf` gives them: what there is of them stays. */
  readonly wanted: ReadonlySet<string>;
  /** What cannot be made, and why. The rest is made all the same, and the status written; then the round fails. */
  readonly problems: readonly string[];
  /** What Metacontroller takes without a word, though hardly anybody can mean it. */
  readonly remarks: readonly string[];
}

/**
 * What a parent's children are to be: each in the parent's namespace, with the generated selector's label and the
 * parent as its controller. Of several with one name the last counts. A real Metacontroller would make a child in
 * another namespace too, and the garbage collector take it away again; here it is a problem.
 * @throws {SyncError} for labels that keep Metacontroller from doing anything at all.
 */
export function desiredChildren(parent: KubeObject, answered: readonly AnsweredChild[]): DesiredChildren {
  const children = new Map<string, NewObject>();
  const wanted = new Set<string>();
  const problems: string[] = [];
  const remarks: string[] = [];
  for (const child of answered) {
    const metadata = isRecord(child['metadata']) ? child['metadata'] : {};
    const namespace = textOr(metadata['namespace'], parent.metadata.namespace);
    const key = { kind: child.kind, namespace, name: textOr(metadata['name'], '') };
    const labels = labelsOf(metadata['labels'], parent, textOf(key));
    const owners = ownersOf(metadata['ownerReferences'], parent);
    if (wanted.has(textOf(key)))
      remarks.push(`the hook's answer holds ${textOf(key)} more than once; the last one counts`);
    wanted.add(textOf(key));
    const problem = problemOf(child, key, owners, parent);
    if (problem !== undefined) {
      problems.push(`can't create ${textOf(key)}: ${problem}`);
      continue;
    }
    children.set(textOf(key), {
      ...withoutStatus(child),
      apiVersion: 'v1',
      metadata: { ...written(metadata), namespace, name: key.name, labels, ownerReferences: owners },
    });
  }
  return { children: [...children.values()].sort(byKind), wanted, problems, remarks };
}

function problemOf(
  { apiVersion, kind, metadata }: AnsweredChild,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  owners: readonly OwnerReference[],
  parent: KubeObject,
): string | undefined {
  if (apiVersion !== 'v1' || !childKinds.includes(kind))
    return `the controller's children are of apiVersion v1 and kind ${childKinds.join(' or ')}, not of apiVersion ${String(apiVersion)} and kind ${kind}`;
  if (!isObjectName(name)) return `${JSON.stringify(name)} is no name of an object`;
  if (namespace !== parent.metadata.namespace)
    return `a child must be in the namespace of its parent, ${parent.metadata.namespace}`;
  if (isRecord(metadata) && !isTextMap(metadata['annotations'] ?? {}))
    return 'each of its annotations must be a text';
  if (owners.filter(({ controller }) => controller === true).length > 1)
    return 'only one of its owners can be its controller';
  return undefined;
}

function labelsOf(labels: unknown = {}, parent: KubeObject, child: string): Readonly<Record<string, string>> {
  const { uid } = parent.metadata;
  if (labels !== null && !isTextMap(labels))
    throw new SyncError('HOOK_ANSWER', `invalid labels on desired child ${child}: each must be a text`);
  const whole = { [selectorLabel]: uid, ...labels };
  if (whole[selectorLabel] !== uid)
    throw new SyncError('HOOK_ANSWER', `labels on desired child ${child} don't match parent selector`);
  return whole;
}

function ownersOf(given: unknown, { apiVersion, kind, metadata }: KubeObject): readonly OwnerReference[] {
  const { name, uid } = metadata;
  const others = Array.isArray(given) ? given.filter(isOwner).filter((owner) => owner.uid !== uid) : [];
  return [...others, { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

function isOwner(value: unknown): value is OwnerReference {
  return (
    isRecord(value) &&
    ['apiVersion', 'kind', 'name', 'uid'].every((field) => typeof value[field] === 'string')
  );
}

/** What of a new object's metadata an API server takes from its creator. */
function written({ annotations, finalizers }: Readonly<Record<string, unknown>>) {
  return {
    ...(isTextMap(annotations) ? { annotations } : {}),
    ...(Array.isArray(finalizers) ? { finalizers: finalizers.map(String) } : {}),
  };
}

/** An API server gives a new object a status of its own. */
function withoutStatus({ status: _status, ...child }: AnsweredChild): AnsweredChild {
  return child;
}

function byKind(one: NewObject, other: NewObject): number {
  return childKinds.indexOf(one.kind) - childKinds.indexOf(other.kind);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
