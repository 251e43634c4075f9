import { setInterval as every } from 'node:timers/promises';
import { defaultSource, namedSource, type PackageSource, type Surroundings } from './packageSource.ts';
import type { StateFolder } from './stateFolder.ts';

/** Milliseconds between two looks for nixpkgs while the offline set stands in for it. */
const lookEvery = 60_000;

/** The packages of a session: what was chosen, and the change to nixpkgs once it answers. */
export class Packages {
  readonly source: PackageSource;
  readonly #surroundings: Surroundings;
  readonly #state: StateFolder;
  readonly #named: boolean;

  private constructor(source: PackageSource, surroundings: Surroundings, state: StateFolder, named: boolean) {
    this.source = source;
    this.#surroundings = surroundings;
    this.#state = state;
    this.#named = named;
  }

  /**
   * What `--nixpkgs` names; without it what was used last, so that a start need not wait for the network; else what
   * can be reached.
   */
  static async choose(
    named: string | undefined,
    surroundings: Surroundings,
    state: StateFolder,
  ): Promise<Packages> {
    if (named !== undefined)
      return new Packages(await namedSource(named, surroundings), surroundings, state, true);
    const last = await state.remembered();
    const source = await startingSource(last, surroundings);
    await state.remember(source.set === 'demo' ? 'demo' : source.from);
    return new Packages(source, surroundings, state, false);
  }

  /**
   * Looks for nixpkgs at once and then every minute, where the offline set stands in for it.
   * @param change told once, when nixpkgs answers.
   */
  async watch(signal: AbortSignal, change: (source: PackageSource) => Promise<void>): Promise<void> {
    if (this.#named || this.source.set !== 'demo') return;
    const look = async (): Promise<boolean> => {
      const source = await defaultSource(this.#surroundings);
      if (source.set === 'demo' || signal.aborted) return false;
      await this.#state.remember(source.from);
      await change(source);
      return true;
    };
    try {
      if (await look()) return;
      for await (const _ of every(lookEvery, undefined, { signal, ref: false })) if (await look()) return;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

async function startingSource(last: string | undefined, surroundings: Surroundings): Promise<PackageSource> {
  if (last === undefined) return await defaultSource(surroundings);
  if (last === 'demo')
    return {
      set: 'demo',
      why: 'the offline package set is used (demo), as before; nixpkgs as soon as it answers.',
    };
  // A folder may have gone since; then the choice is made anew.
  return await namedSource(last, { ...surroundings, reachable: async () => true }).catch(() => {
    return defaultSource(surroundings);
  });
}
