import { isRecord } from '../../../metacontroller/embedded/controller/json.ts';
import {
  type KubeObject,
  keyOf,
  type ObjectKey,
  parseKey,
  textOf,
} from '../../../metacontroller/embedded/objects/kubeObject.ts';
import type { ApiObjects } from './apiObjects.ts';
import { askHook, type ControllerObject } from './hooks.ts';
import { groupOf, type Kind, kinds, resources } from './resources.ts';

/**
 * What the hook asks to be shown beside a parent's children, and the parents that are looked at again when it changes:
 * https://metacontroller.github.io/metacontroller/api/customize.html
 */
export class Related {
  readonly #objects: ApiObjects;
  readonly #controller: ControllerObject;
  readonly #keys = new Map<string, { readonly generation: number; readonly keys: readonly ObjectKey[] }>();
  readonly #unwatch: () => void;

  constructor(objects: ApiObjects, controller: ControllerObject) {
    this.#objects = objects;
    this.#controller = controller;
    this.#unwatch = objects.watch(({ type, object }) => {
      const name = textOf(keyOf(object));
      if (object.kind === 'NixImage' && type === 'Deleted') this.#keys.delete(name);
      for (const [parent, { keys }] of this.#keys)
        if (keys.some((key) => textOf(key) === name)) objects.touch(parseKey(parent));
    });
  }

  /** As a request has them: by kind and name, those that are there. */
  async of(parent: KubeObject): Promise<Readonly<Record<string, unknown>>> {
    const groups: Record<string, Record<string, KubeObject>> = {};
    for (const key of await this.#keysOf(parent)) {
      const kind = kinds.find((each) => each === key.kind);
      const object = this.#objects.get(key);
      if (kind === undefined) continue;
      groups[groupOf(kind)] ??= {};
      if (object !== undefined) Object.assign(groups[groupOf(kind)] ?? {}, { [key.name]: object });
    }
    return groups;
  }

  close(): void {
    this.#unwatch();
  }

  /** Asked for once for each generation of the parent. */
  async #keysOf(parent: KubeObject): Promise<readonly ObjectKey[]> {
    const name = textOf(keyOf(parent));
    const { generation } = parent.metadata;
    const known = this.#keys.get(name);
    if (known?.generation === generation) return known.keys;
    const answer = await askHook(this.#controller, '/customize', { controller: {}, parent });
    const rules = Array.isArray(answer['relatedResources']) ? answer['relatedResources'] : [];
    const keys = rules.filter(isRecord).flatMap(keysOfRule);
    this.#keys.set(name, { generation, keys });
    return keys;
  }
}

function keysOfRule({ resource, namespace = '', names }: Readonly<Record<string, unknown>>): ObjectKey[] {
  const kind: Kind | undefined = kinds.find((each) => resources[each].plural === resource);
  if (kind === undefined || !Array.isArray(names)) throw new Error(`/customize asks for ${String(resource)}`);
  return names.map((name) => ({ kind, namespace: String(namespace), name: String(name) }));
}
