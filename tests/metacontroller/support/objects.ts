import type { TestContext } from 'node:test';
import type { OwnerReference } from '../../../metacontroller/embedded/objects/kubeObject.ts';
import { type NewObject, ObjectStore } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** A store in a folder of the test's own. */
export async function openStore(t: Pick<TestContext, 'after'>): Promise<ObjectStore> {
  return await ObjectStore.open(await temporaryFolder(t), () => {});
}

export function image(
  name: string,
  data: unknown = { contents: ['hello'] },
  namespace = 'default',
): NewObject {
  return { apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', metadata: { name, namespace }, data };
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
