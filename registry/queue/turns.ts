import type { Claim } from './claim.ts';

/** The builds of one namespace that wait, first come first, and what it has had already. */
export interface Line<Entry extends Claim> {
  readonly waiting: readonly Entry[];
  /** Slots that it holds. */
  readonly builds: number;
  /** When it was last given one; any numbers that grow. */
  readonly lastTurn: number;
}

/**
 * The order in which those who wait get the next slots: the namespace with the fewest builds comes first; of several
 * such, the one whose turn was longest ago; then whoever waits longest.
 */
export function* turns<Entry extends Claim>(lines: readonly Line<Entry>[]): Generator<Entry> {
  let turn = Math.max(0, ...lines.map(({ lastTurn }) => lastTurn));
  const rest = lines.map(({ waiting, builds, lastTurn }) => ({ waiting, builds, lastTurn, next: 0 }));
  for (;;) {
    let first: (typeof rest)[number] | undefined;
    let head: Entry | undefined;
    for (const line of rest) {
      const entry = line.waiting[line.next];
      if (entry === undefined) continue;
      if (
        first === undefined ||
        head === undefined ||
        isBefore({ ...line, entry }, { ...first, entry: head })
      )
        [first, head] = [line, entry];
    }
    if (first === undefined || head === undefined) return;
    turn += 1;
    first.next += 1;
    first.builds += 1;
    first.lastTurn = turn;
    yield head;
  }
}

interface Head {
  readonly builds: number;
  readonly lastTurn: number;
  readonly entry: Claim;
}

function isBefore(one: Head, other: Head): boolean {
  if (one.builds !== other.builds) return one.builds < other.builds;
  if (one.lastTurn !== other.lastTurn) return one.lastTurn < other.lastTurn;
  return one.entry.since < other.entry.since;
}
