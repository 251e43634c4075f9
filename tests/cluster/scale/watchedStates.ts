import { EventEmitter, once } from 'node:events';
import type { WatchEvent } from '../support/apiClient.ts';

/** The states of a namespace's images, kept by a watch: a list of them all, again and again, would slow down what is measured. */
export class WatchedStates {
  readonly #states = new Map<string, unknown>();
  readonly #changes = new EventEmitter();

  see({ type, object }: WatchEvent): void {
    if (type === 'DELETED') this.#states.delete(object.metadata.name);
    else if (type !== 'BOOKMARK' && type !== 'ERROR')
      this.#states.set(object.metadata.name, object.status?.['state']);
    this.#changes.emit('change');
  }

  /** Until so many have the state; false where the time is over before. */
  async reach(state: string, count: number, signal: AbortSignal): Promise<boolean> {
    while ([...this.#states.values()].filter((each) => each === state).length < count) {
      if (signal.aborted) return false;
      await once(this.#changes, 'change', { signal }).catch(() => undefined);
    }
    return true;
  }
}
