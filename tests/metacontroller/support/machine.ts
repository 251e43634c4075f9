import { Controller } from '../../../metacontroller/embedded/controller/controller.ts';
import type { Hook } from '../../../metacontroller/embedded/controller/hookClient.ts';
import { Namespaces } from '../../../metacontroller/embedded/controller/namespaces.ts';
import { GarbageCollector } from '../../../metacontroller/embedded/objects/garbageCollector.ts';
import type { ObjectEvent } from '../../../metacontroller/embedded/objects/kubeObject.ts';
import { ObjectStore } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { Kubelet } from '../../../metacontroller/embedded/pods/kubelet.ts';
import { FakeClock } from './fakeClock.ts';
import { FakeRuntime } from './fakeRuntime.ts';

export interface MachineOptions {
  readonly folder: string;
  readonly hook: Hook;
  readonly builds: number;
  readonly watch: (event: ObjectEvent, machine: Machine) => void;
}

/** All of the stand-in as `startEmbedded` puts it together, with thoughts for processes and a clock that stands still. */
export class Machine {
  readonly #options: MachineOptions;
  readonly clock: FakeClock;
  readonly store: ObjectStore;
  readonly runtime: FakeRuntime;
  readonly #garbage: GarbageCollector;
  readonly #kubelet: Kubelet;
  readonly #controller: Controller;
  #events = 0;

  private constructor(
    options: MachineOptions,
    store: ObjectStore,
    clock: FakeClock,
    runtime: FakeRuntime,
    parts: {
      readonly garbage: GarbageCollector;
      readonly kubelet: Kubelet;
    },
  ) {
    this.#options = options;
    this.clock = clock;
    this.store = store;
    this.runtime = runtime;
    this.#garbage = parts.garbage;
    this.#kubelet = parts.kubelet;
    store.watch((event) => {
      this.#events += 1;
      options.watch(event, this);
    });
    this.#controller = new Controller({
      store,
      clock,
      hook: options.hook,
      namespaces: new Namespaces(store, async () => {}),
      resyncPeriodSeconds: 120,
      onSync: () => {},
    });
  }

  static async start(
    options: MachineOptions,
    clock = new FakeClock(),
    runtime = new FakeRuntime(clock),
  ): Promise<Machine> {
    const store = await ObjectStore.open(options.folder, () => {});
    const garbage = new GarbageCollector(store, clock, () => {});
    await garbage.start();
    const kubelet = new Kubelet({ store, clock, runtime, builds: options.builds, tell: () => {} });
    await kubelet.start();
    const machine = new Machine(options, store, clock, runtime, { garbage, kubelet });
    await machine.settled();
    return machine;
  }

  /** As after kill -9 at a moment when nothing happened, and a new start: nothing of this one moves again. */
  async restart(): Promise<Machine> {
    await this.settled();
    const clock = new FakeClock(this.clock.now());
    return await Machine.start(this.#options, clock, this.runtime.restarted(clock));
  }

  /** Has the hook asked about every image. */
  resync(): void {
    this.#controller.resyncAll();
  }

  async settled(): Promise<void> {
    for (let before = -1; before !== this.#events; ) {
      before = this.#events;
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([this.#controller.idle(), this.#kubelet.idle(), this.#garbage.idle()]);
    }
  }

  async close(): Promise<void> {
    await this.#controller.close();
    await this.#kubelet.close();
    await this.#garbage.close();
  }
}
