import { BuildQueue } from '../../../registry/queue/buildQueue.ts';

/** An image that is applied, and how its Pod does. All times are milliseconds. */
export interface Job {
  readonly namespace: string;
  readonly name: string;
  /** When it is applied. */
  readonly at: number;
  /** How long its build takes; undefined for a Pod that never runs. */
  readonly takes?: number;
}

export interface Outcome {
  readonly name: string;
  readonly namespace: string;
  readonly startedAt: number;
  /** How often it asked. */
  readonly asked: number;
}

export interface Simulated {
  /** In the order in which they were started. */
  readonly started: readonly Outcome[];
  /** The most builds that ran at once. */
  readonly peak: number;
  readonly endedAt: number;
}

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Images ask for their turn as the hook does: when they are applied, and as often as they are told to. A Pod runs
 * `startUp` after its turn has come.
 */
export function simulate(
  jobs: readonly Job[],
  { builds, patience = 30_000, startUp = 100 }: { builds: number; patience?: number; startUp?: number },
): Simulated {
  const queue = new BuildQueue({ builds, patience });
  const events: Event[] = [];
  const started: Outcome[] = [];
  const [asked, told, running] = [new Map<Job, number>(), new Set<Job>(), new Set<Job>()];
  let [peak, endedAt] = [0, 0];
  const plan = (at: number, run: () => void): void => {
    const later = events.findIndex((event) => event.at > at);
    events.splice(later === -1 ? events.length : later, 0, { at, run });
  };
  const ask = (job: Job, now: number): void => {
    asked.set(job, (asked.get(job) ?? 0) + 1);
    // Kubernetes' times have no fractions of a second.
    const claim = { ...job, pod: job.name, since: Math.floor(job.at / 1000) * 1000 };
    const turn = queue.start(claim, now, { ready: told.has(job), untold: !told.has(job) });
    if (turn.turn !== 'Go') {
      // Its ConfigMap is seen as soon as it is made, and it is asked about again.
      const isMade = turn.turn === 'Wait' && !told.has(job);
      const again = now + (isMade ? startUp / 2 : turn.askAgainSeconds * 1000);
      if (isMade) told.add(job);
      plan(again, () => ask(job, again));
      return;
    }
    const { name, namespace, takes } = job;
    started.push({ name, namespace, startedAt: now, asked: asked.get(job) ?? 0 });
    plan(now + startUp / 2, () => queue.hold(claim, false, now + startUp / 2));
    if (takes === undefined) return;
    plan(now + startUp, () => {
      queue.hold(claim, true, now + startUp);
      running.add(job);
      peak = Math.max(peak, running.size);
    });
    const end = now + startUp + takes;
    plan(end, () => {
      queue.free(namespace, name, end);
      running.delete(job);
      endedAt = Math.max(endedAt, end);
    });
  };
  for (const job of jobs) plan(job.at, () => ask(job, job.at));
  for (let steps = 0; events.length > 0 && steps < 100_000; steps += 1) events.shift()?.run();
  return { started, peak, endedAt };
}

/** Images of one namespace, applied one after another. */
export function team(namespace: string, count: number, more: Partial<Job> & { every?: number } = {}): Job[] {
  const { every = 10, at = 0, ...rest } = { takes: 2000, ...more };
  return Array.from({ length: count }, (_, index) => ({
    ...rest,
    namespace,
    name: `${namespace}-${index}`,
    at: at + index * every,
  }));
}
