import { messageOf } from '../../../runtime/errors.ts';
import { isOwnedBy, type KubeObject, keyOf, textOf } from '../objects/kubeObject.ts';
import type { NewObject, Objects } from '../objects/objectStore.ts';
import { childKinds, type DesiredChildren } from './desiredChildren.ts';

/** The parent's own children, those that are being deleted among them. */
export function observedChildren(store: Objects, parent: KubeObject): readonly KubeObject[] {
  return childKinds
    .flatMap((kind) => store.list(kind))
    .filter((child) => child.metadata.namespace === parent.metadata.namespace && isOwnedBy(child, parent));
}

/** As a hook's request has them: by kind and name, every kind there even where it is empty. */
export function grouped(children: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    childKinds.map((kind) => [
      `${kind}.v1`,
      Object.fromEntries(
        children.filter((child) => child.kind === kind).map((child) => [child.metadata.name, child]),
      ),
    ]),
  );
}

/**
 * Deletes what is no longer wanted, then makes what is missing. OnDelete: what is there stays as it is. A name that
 * somebody else's object has is passed over without a word. What fails keeps nothing else from being done.
 * @returns what failed.
 */
export async function applyChildren(
  store: Objects,
  observed: readonly KubeObject[],
  { children, wanted }: Pick<DesiredChildren, 'children' | 'wanted'>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const attempt = async (verb: string, name: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(`can't ${verb} ${name}: ${messageOf(error)}`);
    }
  };
  const known = new Set(observed.map((child) => textOf(keyOf(child))));
  for (const child of observed) {
    const key = keyOf(child);
    if (!wanted.has(textOf(key))) await attempt('delete', textOf(key), () => store.remove(key));
  }
  for (const child of children)
    if (!known.has(nameOfNew(child))) await attempt('create', nameOfNew(child), () => store.create(child));
  return problems;
}

function nameOfNew({ kind, metadata }: NewObject): string {
  return textOf({ kind, ...metadata });
}
