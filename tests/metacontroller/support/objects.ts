import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { OwnerReference } from '../../../metacontroller/embedded/objects/kubeObject.ts';
import { type NewObject, ObjectStore } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** A store in a folder of the test's own. */
export async function openStore(t: Pick<TestContext, 'after'>): Promise<ObjectStore> {
  return await ObjectStore.open(await temporaryFolder(t), () => {});
}

/**
 * Makes an object one that cannot be written, not even by root: a folder stands in the place of the store's draft.
 * @param folder the store's.
 * @returns what makes it one that can be.
 */
export async function block(folder: string, kind: string, name: string): Promise<() => Promise<void>> {
  const draft = join(folder, kind, 'default', `${name}.json.new`);
  await mkdir(draft, { recursive: true });
  return () => rmdir(draft);
}

export function image(
  name: string,
  data: unknown = { contents: ['hello'] },
  namespace = 'default',
): NewObject {
  return { apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', metadata: { name, namespace }, data };
}

/** Where `image('x')` is. */
export const imageKey = { kind: 'NixImage', namespace: 'default', name: 'x' };

/** A ConfigMap as a hook answers it. */
export function childMap(name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
}

export function configMap(
  name: string,
  { namespace = 'default', owners }: { namespace?: string; owners?: readonly OwnerReference[] } = {},
): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...(owners === undefined ? {} : { ownerReferences: owners }) },
    data: { 'default.nix': name },
  };
}

export function owner(name: string, uid: string): OwnerReference {
  return { apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', name, uid, controller: true };
}
