import { join } from 'node:path';
import type { Product, SlotUse, Turn } from '../../runtime/contract/turn.ts';
import type { Volume } from '../volume.ts';
import { BuildQueue, type QueueLimits } from './buildQueue.ts';
import { readSlots, writeSlots } from './slotFile.ts';

/** The queue of builds, which outlives the process: what it has handed out stands in a file of the volume's root. */
export interface Slots {
  /**
   * Undefined where nothing was asked.
   * @throws {Problem} `UNAVAILABLE` where the volume is away; nothing is handed out then.
   */
  use(namespace: string, name: string, use: SlotUse): Promise<Turn | undefined>;
  counts(): ReturnType<BuildQueue['counts']>;
}

/** The file's name; no namespace begins like this. */
const fileName = '_slots.json';

export interface SlotsOptions {
  /** The volume's root. */
  readonly root: string;
  readonly limits: QueueLimits;
  /** Whether the volume has what a build is to publish. */
  readonly isServed: (namespace: string, name: string, product: Product) => Promise<boolean>;
  readonly clock?: () => number;
}

/** Without a limit everyone may build at once, and there is nothing to be kept. */
export function createSlots(
  volume: Volume,
  { root, limits, isServed, clock = Date.now }: SlotsOptions,
): Slots {
  const queue = new BuildQueue(limits);
  const path = join(root, fileName);
  const isKept = limits.builds !== Number.POSITIVE_INFINITY;
  let loaded: Promise<void> | undefined;
  let written = Promise.resolve();
  let next: Promise<void> | undefined;
  let saved = '';

  const load = async (): Promise<void> => {
    loaded ??= volume.see(async () => queue.restore(await readSlots(path), clock()));
    await loaded.catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
  };
  /** One write at a time; those who come meanwhile share the next. */
  const save = (): Promise<void> => {
    next ??= written
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        const now = fingerprint(queue);
        written = volume.see(() => writeSlots(path, queue.placed())).then(() => void (saved = now));
        return written;
      });
    return next;
  };
  let glanced: { readonly at: number; readonly done: Promise<unknown> } | undefined;
  /** A build is over once it has published; the hook hears of it only when its Pod has ended. */
  const glance = async (): Promise<void> => {
    const now = clock();
    if (queue.counts(now).building < limits.builds) return;
    if (glanced === undefined || now - glanced.at >= queue.glancePause(now)) {
      const each = queue.placed().map(async ({ namespace, name, pod, product }) => {
        if (product !== undefined && (await isServed(namespace, name, product)))
          queue.over({ namespace, name, pod }, clock());
      });
      glanced = { at: now, done: Promise.all(each) };
    }
    await glanced.done;
  };
  const apply = (namespace: string, name: string, use: SlotUse): Turn | undefined => {
    if (use.use === 'Free') return void queue.free(namespace, name, clock());
    const { pod, since, product } = use;
    const claim = { namespace, name, pod, since: Date.parse(since), ...(product && { product }) };
    if (use.use === 'Hold') return void queue.hold(claim, use.running, clock());
    return queue.start(claim, clock(), use);
  };

  return {
    async use(namespace, name, use) {
      if (!isKept) return apply(namespace, name, use);
      await load();
      if (use.use === 'Start') await glance();
      const turn = apply(namespace, name, use);
      // A slot that a restart would forget would be handed out twice.
      if (fingerprint(queue) !== saved) await save();
      return turn;
    },
    counts: () => queue.counts(clock()),
  };
}

/** What the file is written for; not when a build was last spoken of. */
function fingerprint(queue: BuildQueue): string {
  return queue
    .placed()
    .map(({ namespace, name, pod, running }) => `${namespace}/${name}/${pod}/${running}`)
    .join();
}
