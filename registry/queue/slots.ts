import { join } from 'node:path';
import type { SlotUse, Turn } from '../../runtime/contract/turn.ts';
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

/** Without a limit everyone may build at once, and there is nothing to be kept. */
export function createSlots(volume: Volume, root: string, limits: QueueLimits, clock = Date.now): Slots {
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
  const apply = (namespace: string, name: string, use: SlotUse): Turn | undefined => {
    if (use.use === 'Free') return void queue.free(namespace, name, clock());
    const claim = { namespace, name, pod: use.pod, since: Date.parse(use.since) };
    if (use.use === 'Hold') return void queue.hold(claim, use.running, clock());
    return queue.start(claim, clock());
  };

  return {
    async use(namespace, name, use) {
      if (!isKept) return apply(namespace, name, use);
      await load();
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
