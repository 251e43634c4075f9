import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Hook } from '../../../metacontroller/embedded/controller/hookClient.ts';
import { replyOf } from '../../../metacontroller/embedded/controller/hookClient.ts';
import { apply } from '../../../metacontroller/embedded/objects/apply.ts';
import { isTerminating } from '../../../metacontroller/embedded/objects/finalizers.ts';
import {
  type KubeObject,
  keyOf,
  type ObjectEvent,
  textOf,
} from '../../../metacontroller/embedded/objects/kubeObject.ts';
import { hasEnded } from '../../../metacontroller/embedded/pods/podStatus.ts';
import { type Action, type Answer, images } from './actions.ts';
import { Machine } from './machine.ts';
import { configMap, image } from './objects.ts';

/** Most Pods that run at once. */
const builds = 2;

/** A life of the stand-in, and what must hold at each moment of it. */
export class Life {
  readonly #folder: string;
  #machine: Machine | undefined;
  readonly #answers = new Map<string, { readonly answer: Answer; readonly status: number }>();
  /** What each parent, by uid, was last answered to want. */
  readonly #wanted = new Map<string, ReadonlySet<string>>();
  /** What nobody owns, as it was made. */
  readonly #strangers = new Map<string, KubeObject>();
  readonly #before = new Map<string, KubeObject>();
  readonly broken: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(): Promise<void> {
    const watch = (event: ObjectEvent, machine: Machine) => this.#check(event, machine);
    this.#machine = await Machine.start({ folder: this.#folder, hook: this.#hook, builds, watch });
  }

  get machine(): Machine {
    assert.ok(this.#machine);
    return this.#machine;
  }

  async act(action: Action): Promise<void> {
    const { store, runtime, clock } = this.machine;
    switch (action.do) {
      case 'apply':
        await apply(store, image(action.image, { contents: [action.contents] }));
        break;
      case 'remove':
        await store.remove({ kind: 'NixImage', namespace: 'default', name: action.image });
        break;
      case 'answer':
        this.#answers.set(action.image, action);
        this.machine.resync();
        break;
      case 'strange': {
        const made = await store.create(configMap(action.child));
        if (made !== undefined) this.#strangers.set(made.metadata.uid, made);
        break;
      }
      case 'end':
        [...runtime.processes.values()][action.which]?.end(action.exitCode);
        break;
      case 'wait':
        clock.advance(action.seconds * 1000);
        break;
      case 'restart':
        this.#machine = await this.machine.restart();
        break;
    }
    await this.machine.settled();
    this.#checkRest();
  }

  /** All images go, and all that was theirs with them. */
  async end(): Promise<void> {
    for (const each of images) {
      const last = { status: {}, children: [], resyncAfterSeconds: 0, finalized: true };
      await this.act({ do: 'answer', image: each, answer: last, status: 200 });
      await this.act({ do: 'remove', image: each });
    }
    await this.act({ do: 'wait', seconds: 300 });
    const left = this.machine.store.all().filter(({ kind }) => kind !== 'Namespace');
    assert.deepEqual(left, [...this.#strangers.values()]);
    assert.deepEqual([...this.machine.runtime.processes], []);
  }

  readonly #hook: Hook = async (_path, { parent }) => {
    const { status = 200, answer: given } = this.#answers.get(parent.metadata.name) ?? {};
    const reply = replyOf(status, undefined, JSON.stringify(given ?? {}));
    const wanted = (given?.children ?? []).map(({ kind, metadata }) => textOf({ kind, ...metadata }));
    this.#wanted.set(parent.metadata.uid, new Set(wanted));
    return reply;
  };

  /** At each event: a child is made, changed and deleted for its own parent only. */
  #check({ type, object }: ObjectEvent, { store }: Machine): void {
    const { uid, ownerReferences: owners = [] } = object.metadata;
    const before = this.#before.get(uid);
    this.#before.set(uid, object);
    const name = `${type} ${textOf(keyOf(object))}`;
    if (this.#strangers.has(uid)) this.broken.push(`${name}: it is a stranger's`);
    if (before !== undefined && hasEnded(before) && !isDeepStrictEqual(before['status'], object['status']))
      this.broken.push(`${name}: it had ended`);
    const [owner, ...others] = owners;
    if (owner === undefined) return;
    if (others.length > 0) this.broken.push(`${name}: it has several owners`);
    if (before !== undefined && before.metadata.ownerReferences?.[0]?.uid !== owner.uid)
      this.broken.push(`${name}: its owner changed`);
    const isWanted = this.#wanted.get(owner.uid)?.has(textOf(keyOf(object))) === true;
    if (type === 'Added' && !isWanted) this.broken.push(`${name}: its owner did not want it`);
    const isGoing = type === 'Deleted' || isTerminating(object);
    const wasGoing = before !== undefined && isTerminating(before);
    const parent = store.get({ kind: 'NixImage', namespace: 'default', name: owner.name, uid: owner.uid });
    if (isGoing && !wasGoing && isWanted && parent !== undefined)
      this.broken.push(`${name}: its owner is there, and wants it`);
  }

  /** When nothing moves: places are kept, none is left free, and nothing ran twice. */
  #checkRest(): void {
    assert.deepEqual(this.broken, []);
    const { store, runtime } = this.machine;
    const running = [...runtime.processes.values()].filter(({ exitCode }) => exitCode === undefined);
    assert.ok(running.length <= builds, `${running.length} run`);
    const waiting = store
      .list('Pod')
      .filter((pod) => !runtime.processes.has(pod.metadata.uid) && !hasEnded(pod));
    assert.ok(waiting.length === 0 || running.length === builds, 'a place is free, and a Pod waits');
    for (const [uid, runs] of runtime.runs) assert.equal(runs, 1, `${uid} was run ${runs} times`);
  }
}
