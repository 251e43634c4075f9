import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../../../metacontroller/embedded/clock.ts';
import { isRecord } from '../../../metacontroller/embedded/controller/json.ts';
import {
  addFinalizer,
  dropFinalizer,
  isTerminating,
} from '../../../metacontroller/embedded/objects/finalizers.ts';
import {
  isOwnedBy,
  type KubeObject,
  keyOf,
  type ObjectEvent,
  textOf,
} from '../../../metacontroller/embedded/objects/kubeObject.ts';
import type { NewObject, Objects } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { WorkQueue } from '../../../metacontroller/embedded/workQueue.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { askHook, type ControllerObject } from './hooks.ts';
import { groupOf, type Kind } from './resources.ts';

const attachmentKinds: readonly Kind[] = ['PersistentVolume', 'PersistentVolumeClaim', 'NetworkPolicy'];
const finalizer = 'metacontroller.io/decoratorcontroller-niximage-namespaces';
/** What was wanted last, of a kind whose objects are changed in place. */
const wantedAnnotation = 'metacontroller.k8s.io/last-applied-configuration';

/**
 * Metacontroller's DecoratorController for Namespaces that may have images:
 * https://metacontroller.github.io/metacontroller/api/decoratorcontroller.html
 */
export class Decorator {
  readonly #objects: Objects;
  readonly #controller: ControllerObject;
  readonly #queue: WorkQueue;
  readonly #unwatch: () => void;
  readonly #resync: NodeJS.Timeout;

  constructor(objects: Objects, controller: ControllerObject, say: (sentence: string) => void) {
    this.#objects = objects;
    this.#controller = controller;
    this.#queue = new WorkQueue({
      clock: systemClock,
      workers: 4,
      work: (name) => this.#sync(name),
      failed: (name, error) => say(`Namespace ${name}: ${messageOf(error)}`),
    });
    this.#unwatch = objects.watch((event) => this.#changed(event));
    this.#addAll();
    this.#resync = setInterval(() => this.#addAll(), controller.resyncPeriodSeconds * 1000);
  }

  async close(): Promise<void> {
    clearInterval(this.#resync);
    this.#unwatch();
    await this.#queue.close();
  }

  #addAll(): void {
    for (const { metadata } of this.#objects.list('Namespace')) this.#queue.add(metadata.name);
  }

  #changed({ object }: ObjectEvent): void {
    if (object.kind === 'Namespace') this.#queue.add(object.metadata.name);
    for (const owner of object.metadata.ownerReferences ?? [])
      if (owner.kind === 'Namespace') this.#queue.add(owner.name);
  }

  async #sync(name: string): Promise<void> {
    const key = { kind: 'Namespace', namespace: '', name };
    const found = this.#objects.get(key);
    if (found === undefined) return;
    const finalizing = isTerminating(found) || !isEnabled(found);
    if (finalizing && !found.metadata.finalizers?.includes(finalizer)) return;
    const object = finalizing
      ? found
      : await this.#objects.update(key, (each) => (isEnabled(each) ? addFinalizer(each, finalizer) : each));
    if (object === undefined) return;
    const observed = attachmentKinds
      .flatMap((kind) => this.#objects.list(kind))
      .filter((each) => isOwnedBy(each, object));
    const answer = await askHook(this.#controller, finalizing ? '/namespaces/finalize' : '/namespaces/sync', {
      controller: {},
      object,
      attachments: grouped(observed),
      related: {},
      finalizing,
    });
    await this.#apply(object, observed, Array.isArray(answer['attachments']) ? answer['attachments'] : []);
    if (finalizing && answer['finalized'] === true)
      await this.#objects.update(key, (each) => dropFinalizer(each, finalizer));
    const seconds = Number(answer['resyncAfterSeconds'] ?? 0);
    if (seconds > 0) this.#queue.addAfter(name, seconds * 1000);
  }

  /** OnDelete for volume and claim, InPlace for the policy. */
  async #apply(
    parent: KubeObject,
    observed: readonly KubeObject[],
    answered: readonly unknown[],
  ): Promise<void> {
    const desired = answered.filter(isRecord).map((each) => attachment(parent, each));
    const wanted = new Map(desired.map((each) => [nameOf(each), each]));
    for (const each of observed) {
      const key = keyOf(each);
      const now = wanted.get(textOf(key));
      wanted.delete(textOf(key));
      if (now === undefined) await this.#objects.remove(key);
      else if (each.kind === 'NetworkPolicy') await this.#objects.update(key, (old) => changed(old, now));
    }
    for (const each of wanted.values()) await this.#objects.create(each);
  }
}

function isEnabled({ metadata }: KubeObject): boolean {
  return metadata.labels?.['k8s.nixos.org/images'] === 'enabled';
}

/** As a hook's request has them: by kind, and by namespace and name. */
function grouped(observed: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attachmentKinds.map((kind) => [
      groupOf(kind),
      Object.fromEntries(
        observed.filter((each) => each.kind === kind).map((each) => [textOf(keyOf(each)), each]),
      ),
    ]),
  );
}

function attachment(parent: KubeObject, answered: Readonly<Record<string, unknown>>): NewObject {
  const metadata = isRecord(answered['metadata']) ? answered['metadata'] : {};
  const { apiVersion, kind } = parent;
  const owner = { apiVersion, kind, name: parent.metadata.name, uid: parent.metadata.uid };
  return {
    ...answered,
    apiVersion: String(answered['apiVersion']),
    kind: String(answered['kind']),
    metadata: {
      ...metadata,
      name: String(metadata['name']),
      namespace: typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '',
      annotations: {
        'metacontroller.k8s.io/decorator-controller': 'niximage-namespaces',
        [wantedAnnotation]: JSON.stringify(answered),
      },
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
  };
}

function nameOf({ kind, metadata }: NewObject): string {
  return textOf({ kind, ...metadata });
}

/** The API server fills in what is left out: what is compared is what was wanted then with what is wanted now. */
function changed(old: KubeObject, { metadata, ...now }: NewObject): KubeObject {
  const { annotations } = metadata;
  if (isDeepStrictEqual(old.metadata.annotations?.[wantedAnnotation], annotations?.[wantedAnnotation]))
    return old;
  return {
    ...old,
    ...now,
    metadata: { ...old.metadata, ...(annotations === undefined ? {} : { annotations }) },
  };
}
