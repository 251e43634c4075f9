import type { TestContext } from 'node:test';
import { Controller } from '../../../metacontroller/embedded/controller/controller.ts';
import type { Hook, HookReply, HookRequest } from '../../../metacontroller/embedded/controller/hookClient.ts';
import { replyOf } from '../../../metacontroller/embedded/controller/hookClient.ts';
import { Namespaces } from '../../../metacontroller/embedded/controller/namespaces.ts';
import type { SyncOutcome } from '../../../metacontroller/embedded/controller/outcome.ts';
import { GarbageCollector } from '../../../metacontroller/embedded/objects/garbageCollector.ts';
import type { KubeObject, ObjectEvent } from '../../../metacontroller/embedded/objects/kubeObject.ts';
import { ObjectStore } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { lastFirst } from '../../e2e/support/cleanup.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { FakeClock } from './fakeClock.ts';

export interface Call {
  readonly path: string;
  readonly body: HookRequest;
}

/** The controller and the garbage collector over a store, with a hook that is a function and a clock that stands still. */
export class Scene {
  /** The store's. */
  readonly folder: string;
  readonly store: ObjectStore;
  readonly clock = new FakeClock();
  readonly calls: Call[] = [];
  readonly outcomes: SyncOutcome[] = [];
  readonly events: ObjectEvent[] = [];
  readonly controller: Controller;
  readonly garbage: GarbageCollector;
  /** What the hook does; at first it answers with nothing. */
  answer: (call: Call) => unknown = () => ({});
  /** With what status, and the header `Retry-After`. */
  http: { readonly status: number; readonly retryAfter?: string } = { status: 200 };
  ensure: (namespace: string, uid: string) => Promise<void> = async () => {};

  private constructor(folder: string, store: ObjectStore) {
    this.folder = folder;
    this.store = store;
    store.watch((event) => this.events.push(event));
    const hook: Hook = async (path, body) => this.#reply({ path, body });
    this.garbage = new GarbageCollector(store, this.clock, () => {});
    this.controller = new Controller({
      store,
      clock: this.clock,
      hook,
      namespaces: new Namespaces(store, (namespace, uid) => this.ensure(namespace, uid)),
      resyncPeriodSeconds: 120,
      onSync: (_parent, outcome) => this.outcomes.push(outcome),
    });
  }

  static async open(context: Pick<TestContext, 'after'>): Promise<Scene> {
    const t = lastFirst(context);
    const folder = await temporaryFolder(t);
    const scene = new Scene(folder, await ObjectStore.open(folder, () => {}));
    t.after(() => scene.close());
    return scene;
  }

  /** Waits until nothing happens any more by itself. */
  async settled(): Promise<void> {
    for (let before = -1; before !== this.events.length; ) {
      before = this.events.length;
      await this.controller.idle();
      await this.garbage.idle();
    }
  }

  async advance(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.settled();
  }

  get(kind: string, name: string, namespace = 'default'): KubeObject | undefined {
    return this.store.get({ kind, namespace, name });
  }

  async close(): Promise<void> {
    await this.controller.close();
    await this.garbage.close();
  }

  /** Through JSON, as over HTTP; what is thrown is the hook's failure. */
  #reply(call: Call): HookReply {
    this.calls.push(call);
    return replyOf(this.http.status, this.http.retryAfter, JSON.stringify(this.answer(call)));
  }
}
