import type { SlotUse, Turn } from '../../runtime/contract/turn.ts';
import type { Claim, Placed, Waiting } from './claim.ts';
import { type Newcomer, Newcomers } from './newcomers.ts';
import { frontPause, Pace, pauseAt } from './pace.ts';
import { type Line, turns } from './turns.ts';

/** How somebody asks for a slot. */
export type Asking = Pick<Extract<SlotUse, { use: 'Start' }>, 'ready' | 'untold'>;

export interface QueueLimits {
  /** How many builds there may be at once; Infinity for as many as come. */
  readonly builds: number;
  /** For how long a slot waits for its Pod to be seen, and again for it to run, in milliseconds; then it is lent on. */
  readonly patience: number;
}

/** What is not spoken of for so long is over, in milliseconds: the hook speaks of each image every two minutes. */
const lease = 600_000;
/** Whoever waits asks at least once a minute; who has not for so long waits no more. */
const absence = 180_000;
/** Who should have asked so long ago keeps no slot free, in milliseconds, until it asks. */
const lateness = 15_000;
/** Who is to ask so soon, or should have so lately, is waited for, in milliseconds. */
const soon = 1000;
/** Places are counted anew at most so often, in milliseconds. */
const recount = 1000;
/** Who would be sent away for less is told its place at once, in milliseconds: Metacontroller knows only whole seconds. */
const shortestPause = 1000;
/** A new place is told at most so often, in milliseconds: it is written into a status, which costs three requests. */
const retell = 30_000;

/**
 * Hands out the slots that builds run in, and knows who waits for one. It never looks at a clock, and each change is made
 * by one call: what comes of it depends on the calls alone.
 */
export class BuildQueue {
  readonly #limits: QueueLimits;
  readonly #placed = new Map<string, Placed>();
  /** By `since`, then by `order`. */
  #waiting: Waiting[] = [];
  readonly #lastTurns = new Map<string, number>();
  readonly #pace = new Pace();
  readonly #newcomers = new Newcomers();
  #turn = 0;
  #order = 0;
  #places = { at: Number.NEGATIVE_INFINITY, of: new Map<string, number>() };

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /**
   * Whether the Pod may be started now; where it may, it has a slot from then on.
   * @param ready whether it would be started at once; one that would not gets a slot only where nobody waits for it.
   * @param untold whether it may be sent away without its place.
   */
  start(claim: Claim, now: number, { ready = true, untold = false }: Asking = {}): Turn {
    this.#forget(now);
    const key = keyOf(claim);
    const placed = this.#placed.get(key);
    if (placed !== undefined) {
      const isSame = placed.pod === claim.pod;
      this.#placed.set(key, isSame ? { ...placed, seenAt: now } : this.#grant(claim, now));
      return { turn: 'Go', since: new Date(isSame ? placed.grantedAt : now).toISOString() };
    }
    const known = this.#waiting.find((entry) => keyOf(entry) === key);
    const entry = { order: known?.order ?? ++this.#order, passed: 0, ...known, ...claim };
    this.#enter({ ...entry, askAt: now });
    if ((ready || this.#waiting.length === 1) && this.#isNext(key, now)) {
      this.#leave(key);
      this.#placed.set(key, this.#grant(claim, now));
      this.#turn += 1;
      this.#lastTurns.set(claim.namespace, this.#turn);
      return { turn: 'Go', since: new Date(now).toISOString() };
    }
    if (untold && known?.told === undefined) {
      const newcomer = known?.newcomer ?? this.#newcomer(key, now);
      const pause = this.#newcomers.pause(newcomer, now);
      const askAgainSeconds = Math.ceil(pause / 1000);
      this.#enter({ ...entry, newcomer, askAt: now + askAgainSeconds * 1000 });
      if (pause >= shortestPause) return { turn: 'Later', askAgainSeconds };
    }
    const askAt = this.#askAt(key, known, now);
    const told = this.#told(key, known, now);
    this.#enter({ ...entry, askAt, told });
    return { turn: 'Wait', place: told.place, of: told.of, askAgainSeconds: (askAt - now) / 1000 };
  }

  /** The Pod is there, whoever let it start: it counts. */
  hold(claim: Claim, running: boolean, now: number): void {
    const key = keyOf(claim);
    this.#leave(key);
    const placed = this.#placed.get(key);
    const known = placed?.pod === claim.pod ? placed : this.#grant(claim, now);
    const idleFrom = Math.min(known.idleFrom, now);
    this.#placed.set(key, { ...known, idleFrom, running: known.running || running, seenAt: now });
  }

  /** The image neither has nor wants a slot. */
  free(namespace: string, name: string, now: number): void {
    const key = keyOf({ namespace, name });
    const placed = this.#placed.get(key);
    if (placed?.running === true) this.#pace.ended(now - placed.grantedAt);
    this.#placed.delete(key);
    this.#leave(key);
  }

  /** What this Pod was to make is there. */
  over({ namespace, name, pod }: Pick<Claim, 'namespace' | 'name' | 'pod'>, now: number): void {
    if (this.#placed.get(keyOf({ namespace, name }))?.pod === pod) this.free(namespace, name, now);
  }

  /** What is to be known again after a restart. */
  placed(): readonly Placed[] {
    return [...this.#placed.values()];
  }

  /** Takes over what an earlier process had handed out. */
  restore(placed: readonly Placed[], now: number): void {
    for (const each of placed)
      if (!this.#placed.has(keyOf(each))) this.#placed.set(keyOf(each), { ...each, seenAt: now });
  }

  /**
   * For how long those who wait for a slot may take what was seen of the builds for what is so, in milliseconds: a quarter
   * of what passes until the first in line asks again, for a slot that is free waits for both.
   */
  glancePause(now: number): number {
    return frontPause(this.#buildTime(now)) / 4;
  }

  counts(now: number): { readonly building: number; readonly stuck: number; readonly waiting: number } {
    this.#forget(now);
    const building = this.#counted(now).length;
    return { building, stuck: this.#placed.size - building, waiting: this.#waiting.length };
  }

  /**
   * Whether one of the slots that are free now is for this one. No slot stays empty for somebody who sleeps: whoever asks
   * goes before those; but once half as many as there are slots have passed somebody over, one is kept for it, so that even
   * where several are free at once no more pass it over than there are slots.
   */
  #isNext(key: string, now: number): boolean {
    const { builds } = this.#limits;
    const free = builds - this.#counted(now).length;
    if (free <= 0) return false;
    // Who asks now may go a few places before who will in a moment: the slots that come free next are for those.
    const few = Math.floor(builds / 3);
    const enough = Math.max(1, Math.floor(builds / 2));
    const present = this.#waiting.filter(({ askAt }) => askAt >= now - lateness);
    const ahead: Waiting[] = [];
    let [kept, expected] = [0, 0];
    for (const entry of turns(this.#lines(present, now))) {
      if (keyOf(entry) === key) {
        for (const each of ahead) this.#enter({ ...each, passed: each.passed + 1 });
        return true;
      }
      ahead.push(entry);
      if (entry.passed >= enough) kept += 1;
      else if (Math.abs(entry.askAt - now) <= soon) expected += 1;
      if (kept >= free || kept + expected >= free + few) return false;
    }
    return false;
  }

  /** Who asks before it is due, since something else about it changed, is told the time that it was told already. */
  #askAt(key: string, known: Waiting | undefined, now: number): number {
    const buildTime = this.#buildTime(now);
    if (known !== undefined && known.askAt - now >= frontPause(buildTime)) return known.askAt;
    const { place, of } = this.#place(key, now);
    return now + pauseAt({ place, of, limit: this.#limits.builds, buildTime });
  }

  /** Those whose turn comes next are told at once. */
  #newcomer(key: string, now: number): Newcomer {
    const { builds } = this.#limits;
    const { place } = this.#place(key, now);
    const turn = place <= 2 * builds ? 0 : (place * this.#buildTime(now)) / builds;
    return this.#newcomers.enter(now, turn);
  }

  #told(key: string, known: Waiting | undefined, now: number): Told {
    if (known?.told !== undefined && now - known.told.at < retell) return known.told;
    return { ...this.#place(key, now), at: now };
  }

  /** Without those namespaces that have so many Pods stuck that no more of theirs are to be made. */
  #lines(waiting: readonly Waiting[], now: number): Line<Waiting>[] {
    const counted = this.#counted(now);
    const building = countBy(counted);
    const all = countBy(this.placed());
    const most = 2 * this.#limits.builds;
    return [...Map.groupBy(waiting, ({ namespace }) => namespace)]
      .map(([namespace, entries]) => ({
        namespace,
        waiting: entries,
        builds: building.get(namespace) ?? 0,
        lastTurn: this.#lastTurns.get(namespace) ?? 0,
      }))
      .filter(({ namespace, builds }) => (all.get(namespace) ?? 0) - builds < most);
  }

  /** As it was counted last; of whoever is new, as it is now. */
  #place(key: string, now: number): { readonly place: number; readonly of: number } {
    if (now - this.#places.at >= recount) this.#places = { at: now, of: this.#count(now) };
    const { of } = this.#places;
    const place = of.get(key) ?? this.#count(now).get(key) ?? of.size + 1;
    of.set(key, place);
    return { place, of: Math.max(place, of.size) };
  }

  #count(now: number): Map<string, number> {
    const places = new Map<string, number>();
    for (const entry of turns(this.#lines(this.#waiting, now))) places.set(keyOf(entry), places.size + 1);
    return places;
  }

  /** Those whose Pods run, or are still waited for. */
  #counted(now: number): readonly Placed[] {
    const { patience } = this.#limits;
    return this.placed().filter(({ running, idleFrom }) => running || now - idleFrom < patience);
  }

  #grant({ namespace, name, pod, since, product }: Claim, now: number): Placed {
    const idleFrom = now + this.#limits.patience;
    const claim = { namespace, name, pod, since, ...(product && { product }) };
    return { ...claim, grantedAt: now, idleFrom, running: false, seenAt: now };
  }

  #buildTime(now: number): number {
    const running = this.placed().map(({ running: runs, grantedAt }) => (runs ? now - grantedAt : 0));
    return this.#pace.buildTime(Math.max(0, ...running));
  }

  #forget(now: number): void {
    for (const [key, { seenAt }] of this.#placed) if (now - seenAt >= lease) this.#placed.delete(key);
    this.#waiting = this.#waiting.filter(({ askAt }) => now - askAt < absence);
  }

  #enter(entry: Waiting): void {
    this.#leave(keyOf(entry));
    const at = this.#waiting.findIndex((other) => isEarlier(entry, other));
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, entry);
  }

  #leave(key: string): void {
    const at = this.#waiting.findIndex((entry) => keyOf(entry) === key);
    if (at !== -1) this.#waiting.splice(at, 1);
  }
}

type Told = NonNullable<Waiting['told']>;

function isEarlier(one: Waiting, other: Waiting): boolean {
  return one.since === other.since ? one.order < other.order : one.since < other.since;
}

function countBy(claims: readonly Claim[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { namespace } of claims) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  return counts;
}

function keyOf({ namespace, name }: Pick<Claim, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
