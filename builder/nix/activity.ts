import type { Activity } from '../../runtime/contract/progress.ts';
import type { NixEvent } from './event.ts';
import { packageNameOf } from './storePath.ts';

export interface Count {
  readonly done: number;
  readonly expected: number;
}

/** What is known of a running Nix, enough to say in one line what it does. */
export interface NixState {
  readonly counters: ReadonlyMap<string, 'builds' | 'fetches'>;
  readonly builds: Count;
  readonly fetches: Count;
  /** Names of the packages being built, by activity; the last one began last. */
  readonly building: ReadonlyMap<string, string>;
}

const none: Count = { done: 0, expected: 0 };

export const initialNixState: NixState = {
  counters: new Map(),
  builds: none,
  fetches: none,
  building: new Map(),
};

/** The state after `event`. The same object comes back where nothing changed. */
export function afterEvent(state: NixState, event: NixEvent): NixState {
  switch (event.kind) {
    case 'CounterStarted':
      return { ...state, counters: new Map(state.counters).set(event.id, event.counts) };
    case 'Counted':
      return counted(state, event.id, { done: event.done, expected: event.expected });
    case 'BuildStarted':
      return { ...state, building: new Map(state.building).set(event.id, packageNameOf(event.derivation)) };
    case 'Stopped':
      return stopped(state, event.id);
    case 'FetchStarted':
    case 'Logged':
    case 'Said':
    case 'Raw':
    case 'Other':
      return state;
  }
}

/** Packages fetched come first, as Nix does it; what is built is said as soon as a build runs. */
export function activityOf(state: NixState): Activity {
  const name = [...state.building.values()].at(-1);
  if (name !== undefined) return { kind: 'Building', ...state.builds, name };
  if (state.fetches.done < state.fetches.expected) return { kind: 'Fetching', ...state.fetches };
  if (state.builds.expected > 0) return { kind: 'Building', ...state.builds };
  if (state.fetches.expected > 0) return { kind: 'Fetching', ...state.fetches };
  return { kind: 'Evaluating' };
}

function counted(state: NixState, id: string, count: Count): NixState {
  const counts = state.counters.get(id);
  if (counts === undefined) return state;
  const before = state[counts];
  if (before.done === count.done && before.expected === count.expected) return state;
  return { ...state, [counts]: count };
}

function stopped(state: NixState, id: string): NixState {
  if (!state.building.has(id)) return state;
  const building = new Map(state.building);
  building.delete(id);
  return { ...state, building };
}
