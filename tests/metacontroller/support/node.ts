import type { TestContext } from 'node:test';
import { readPath } from '../../../cli/readPath.ts';
import type { KubeObject } from '../../../metacontroller/embedded/objects/kubeObject.ts';
import { type NewObject, ObjectStore } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { Kubelet } from '../../../metacontroller/embedded/pods/kubelet.ts';
import { lastFirst } from '../../e2e/support/cleanup.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { FakeClock } from './fakeClock.ts';
import { FakeRuntime } from './fakeRuntime.ts';

export function pod(name: string, spec: Readonly<Record<string, unknown>> = {}): NewObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
}

export function phase(object: KubeObject | undefined): unknown {
  return readPath(object, '.status.phase');
}

/** How a Pod's container ended, as its status has it. */
export function terminated(object: KubeObject | undefined): unknown {
  return readPath(object, '.status.containerStatuses[0].state.terminated');
}

/** A kubelet over a store on disk, with processes that are only thoughts and a clock that stands still. */
export class Node {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly runtime: FakeRuntime;
  readonly store: ObjectStore;
  readonly kubelet: Kubelet;
  readonly said: string[] = [];
  readonly #builds: number;
  #events = 0;
  #killed = false;

  private constructor(
    folder: string,
    clock: FakeClock,
    runtime: FakeRuntime,
    store: ObjectStore,
    builds: number,
  ) {
    this.folder = folder;
    this.clock = clock;
    this.runtime = runtime;
    this.store = store;
    this.#builds = builds;
    store.watch(() => (this.#events += 1));
    this.kubelet = new Kubelet({
      store,
      clock,
      runtime,
      builds,
      tell: (sentence) => this.said.push(sentence),
    });
  }

  static async start(context: Pick<TestContext, 'after'>, builds = 1): Promise<Node> {
    const t = lastFirst(context);
    const clock = new FakeClock();
    const folder = await temporaryFolder(t);
    const store = await ObjectStore.open(folder, () => {});
    const node = new Node(folder, clock, new FakeRuntime(clock), store, builds);
    t.after(() => node.close());
    await node.kubelet.start();
    return node;
  }

  /** As after kill -9 and a new start; `between` comes before the kubelet looks. */
  async restart(between: (store: ObjectStore) => Promise<void> = async () => {}): Promise<Node> {
    this.#killed = true;
    const store = await ObjectStore.open(this.folder, () => {});
    const node = new Node(this.folder, this.clock, this.runtime.restarted(), store, this.#builds);
    await between(store);
    await node.kubelet.start();
    await node.settled();
    return node;
  }

  async add(...pods: readonly NewObject[]): Promise<void> {
    for (const each of pods) await this.store.create(each);
    await this.settled();
  }

  get(name: string): KubeObject | undefined {
    return this.store.get({ kind: 'Pod', namespace: 'default', name });
  }

  async remove(name: string): Promise<void> {
    await this.store.remove({ kind: 'Pod', namespace: 'default', name });
    await this.settled();
  }

  /** Ends a Pod's process, and waits for what follows. */
  async end(name: string, exitCode: number, message = ''): Promise<void> {
    this.runtime.process(this.get(name)).end(exitCode, message);
    await this.settled();
  }

  async advance(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.settled();
  }

  /** Waits until nothing happens any more by itself. */
  async settled(): Promise<void> {
    for (let before = -1; before !== this.#events; ) {
      before = this.#events;
      // What ended is heard of some turns later.
      await new Promise((resolve) => setImmediate(resolve));
      await this.kubelet.idle();
    }
  }

  async close(): Promise<void> {
    if (!this.#killed) await this.kubelet.close();
  }
}
