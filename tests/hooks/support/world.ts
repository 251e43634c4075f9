import assert from 'node:assert/strict';
import type { Child, SyncResponse } from '../../../hooks/metacontroller.ts';
import { parseRequest } from '../../../hooks/parseRequest.ts';
import type { ObservedTurn } from '../../../hooks/phase/turn.ts';
import { defaultGrants, policyOf } from '../../../hooks/policy/policy.ts';
import type { ImageStatus } from '../../../hooks/resource/niximage.ts';
import { type ObservedImage, type SyncOptions, sync } from '../../../hooks/sync.ts';
import type { SlotUse } from '../../../runtime/contract/turn.ts';
import { assertStatus } from './status.ts';

export type Json = Readonly<Record<string, unknown>>;

export const options: SyncOptions = {
  registryHost: 'registry.example:5001',
  policy: policyOf(defaultGrants),
  pod: {
    image: 'niximage:1',
    nixpkgs: '/nixpkgs',
    packageSet: 'nixpkgs',
    cpu: '500m',
    memory: '2Gi',
    storage: '20Gi',
    timeout: 3600,
  },
};

export const parentUid = '0b6c1d4e-0000-4000-8000-000000000001';
const start = Date.parse('2026-01-02T03:04:05Z');

/** RFC 3339, of seconds after the world's beginning. */
export function time(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** How a container ended. */
export interface Ending {
  readonly exitCode?: number;
  readonly message?: string;
  readonly reason?: string;
}

/**
 * One NixImage, its children and the keeper, as Metacontroller shows them to the hook: children are made and deleted
 * as the answers want (OnDelete), the status is replaced, and every answer's status is held against the schema.
 */
export class World {
  data: unknown;
  status: ImageStatus | undefined;
  image: ObservedImage = { state: 'Absent', ordinal: 0 };
  generation = 1;
  /** Seconds since the object was made. */
  seconds = 0;
  name = 'curl-and-jq';
  namespace = 'default';
  annotations: Readonly<Record<string, string>> | undefined;
  options = options;
  /** What the keeper says of its turn, where it is not that it has come. */
  turn: ObservedTurn | undefined;
  /** What the keeper was told last. */
  slot: SlotUse | undefined;
  readonly #granted = new Map<string, string>();
  readonly configMaps = new Map<string, Json>();
  /** What the ConfigMaps hold that the user has made. */
  readonly texts = new Map<string, Json>();
  readonly pods = new Map<string, Json>();
  #changed = 0;

  constructor(data: unknown = { tag: 'v1', contents: ['curl', 'jq', 'bash'] }) {
    this.data = data;
  }

  /** The user applies the manifest with other data. */
  change(data: unknown): void {
    this.data = data;
    this.generation += 1;
    this.#changed = this.seconds;
  }

  body(): Json {
    const { name, namespace, generation, data, status, annotations } = this;
    return {
      controller: {},
      parent: {
        apiVersion: 'k8s.nixos.org/v1',
        kind: 'NixImage',
        metadata: {
          name,
          namespace,
          uid: parentUid,
          generation,
          ...(annotations === undefined ? {} : { annotations }),
          creationTimestamp: time(0),
          managedFields: [
            { manager: 'kubectl', time: time(this.#changed) },
            { manager: 'metacontroller', subresource: 'status', time: time(this.seconds) },
          ],
        },
        data,
        ...(status === undefined ? {} : { status }),
      },
      children: {
        'ConfigMap.v1': Object.fromEntries(this.configMaps),
        'Pod.v1': Object.fromEntries(this.pods),
      },
      related: {
        'ConfigMap.v1': Object.fromEntries(
          [...this.texts].map(([map, held]) => [map, this.#related(map, held)]),
        ),
      },
      finalizing: false,
    };
  }

  #related(name: string, data: Json): Json {
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: this.namespace, uid: `uid-of-${name}` },
      data,
    };
  }

  /** One sync, without anything done about it. */
  ask(): SyncResponse & { readonly status: ImageStatus } {
    const sent = (turn?: ObservedTurn) =>
      sync(parseRequest(this.body()), this.image, this.options, start + this.seconds * 1000, turn);
    const { response: before, slot } = sent();
    this.slot = slot;
    const response = slot?.use === 'Start' ? sent(this.turn ?? this.#go(slot.pod)).response : before;
    return { ...response, status: assertStatus(response.status) };
  }

  /** A slot is had from when it was first asked for. */
  #go(pod: string): ObservedTurn {
    const since = this.#granted.get(pod) ?? time(this.seconds);
    this.#granted.set(pod, since);
    return { turn: 'Go', since };
  }

  /** One sync, with its answer put into effect. */
  step(): SyncResponse & { readonly status: ImageStatus } {
    const response = this.ask();
    this.status = response.status;
    this.#reconcile(this.configMaps, wanted(response, 'ConfigMap'));
    this.#reconcile(this.pods, wanted(response, 'Pod'));
    return response;
  }

  /** Syncs until nothing changes any more, as it goes where each change brings the next sync. */
  settle(): SyncResponse & { readonly status: ImageStatus } {
    for (let round = 0; round < 10; round += 1) {
      const before = JSON.stringify(this.body());
      const response = this.step();
      if (JSON.stringify(this.body()) === before) return response;
    }
    assert.fail('ten syncs, and still each answer changes something');
  }

  /** The only Pod that is not on its way out. */
  pod(): string {
    const staying = [...this.pods].filter(([, { metadata }]) => !isGoing(metadata));
    assert.equal(staying.length, 1, `one Pod is there, not ${staying.length}`);
    return staying[0]?.[0] ?? '';
  }

  run(pod: string = this.pod()): void {
    const running = { state: { running: { startedAt: time(this.seconds) } } };
    this.#setStatus(pod, { phase: 'Running', containerStatuses: [running] });
  }

  end(phase: 'Succeeded' | 'Failed', ending: Ending = {}, pod: string = this.pod()): void {
    const { exitCode = phase === 'Failed' ? 1 : 0, ...rest } = ending;
    const terminated = { exitCode, startedAt: time(this.seconds), finishedAt: time(this.seconds), ...rest };
    this.#setStatus(pod, { phase, containerStatuses: [{ state: { terminated } }] });
  }

  setStatus(status: Json, pod: string = this.pod()): void {
    this.#setStatus(pod, status);
  }

  /** Somebody deletes the Pod; it is gone after its time to end (`vanish`). */
  deletePod(pod: string = this.pod()): void {
    this.pods.set(pod, going(this.#podOf(pod), time(this.seconds)));
  }

  vanish(pod: string): void {
    assert.ok(this.pods.delete(pod));
  }

  /** What the builder of the current build publishes is served. */
  publish(digest = `sha256:${'a'.repeat(64)}`): void {
    const { inputHash, ordinal } = this.status?.build ?? {};
    assert.ok(inputHash !== undefined && ordinal !== undefined);
    this.image = { state: 'Present', publication: publication({ digest, inputHash, ordinal }) };
  }

  /** From nothing to Built, with the children gone. */
  build(digest?: string): void {
    this.settle();
    this.run();
    this.settle();
    this.end('Succeeded');
    this.publish(digest);
    this.settle();
    assert.equal(this.status?.state, 'Built');
  }

  #podOf(name: string): Json {
    const pod = this.pods.get(name);
    assert.ok(pod !== undefined, `there is no Pod ${name}`);
    return pod;
  }

  #setStatus(name: string, status: Json): void {
    this.pods.set(name, { ...this.#podOf(name), status });
  }

  #reconcile(observed: Map<string, Json>, children: ReadonlyMap<string, Child>): void {
    for (const [name, child] of children)
      if (!observed.has(name)) {
        assert.ok(isWhole(child), `${child.kind} ${name} is made of what is no whole object`);
        observed.set(name, this.#made(child));
      }
    for (const [name, object] of observed) {
      if (children.has(name) || isGoing(object['metadata'])) continue;
      if (object['kind'] === 'Pod' && isRunning(object))
        observed.set(name, going(object, time(this.seconds)));
      else observed.delete(name);
    }
  }

  #made(child: Child): Json {
    return {
      ...child,
      metadata: {
        ...child.metadata,
        namespace: this.namespace,
        uid: `uid-of-${child.metadata.name}`,
        creationTimestamp: time(this.seconds),
        ownerReferences: [{ uid: parentUid, controller: true }],
      },
      ...(child.kind === 'Pod' ? { status: { phase: 'Pending' } } : {}),
    };
  }
}

export function publication(more: {
  readonly inputHash: string;
  readonly ordinal: number;
  readonly digest?: string;
  readonly uid?: string;
}): Extract<ObservedImage, { state: 'Present' }>['publication'] {
  return {
    digest: `sha256:${'a'.repeat(64)}`,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: 1234,
    uid: parentUid,
    ...more,
  };
}

/** The children of one kind that an answer wants, by name. */
export function wanted({ children }: SyncResponse, kind: string): Map<string, Child> {
  const ofKind = children.filter((child) => child.kind === kind);
  const byName = new Map(ofKind.map((child) => [child.metadata.name, child]));
  assert.equal(byName.size, ofKind.length, 'no child is wanted twice');
  return byName;
}

function isWhole(child: Child): boolean {
  return child.kind === 'Pod' ? child['spec'] !== undefined : child['data'] !== undefined;
}

function isRunning({ status }: Json): boolean {
  return typeof status === 'object' && status !== null && Reflect.get(status, 'phase') === 'Running';
}

function isGoing(metadata: unknown): boolean {
  return typeof metadata === 'object' && metadata !== null && 'deletionTimestamp' in metadata;
}

function going(object: Json, deletionTimestamp: string): Json {
  const metadata = object['metadata'];
  return { ...object, metadata: { ...(typeof metadata === 'object' ? metadata : {}), deletionTimestamp } };
}
