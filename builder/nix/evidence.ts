import { afterEvent, type Count, initialNixState } from './activity.ts';
import type { NixEvent, NixMessage } from './event.ts';
import { shortened } from './text.ts';

/** What is kept of a run of Nix to explain a failure; its size has a bound, whatever the run printed. */
export interface Evidence {
  /** The first errors, in their order: the first one is the cause, later ones are what it led to. */
  readonly errors: readonly NixMessage[];
  /** The last lines of each derivation that was built lately, by derivation. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  /** The last lines that were none of Nix's. */
  readonly raw: readonly string[];
  /** What Nix said of machines that it could not build on. */
  readonly unreachable?: readonly string[];
  /** How many derivations were built, and the most that were to be. */
  readonly builds?: Count;
}

const keptErrors = 8;
const keptLogs = 32;
export const keptLines = 20;
const keptLineLength = 500;
/** What ssh says of a host's key fills a screen, and its last line counts. */
const keptTextLength = 4000;

/** Collects evidence event by event. */
export class EvidenceCollector {
  readonly #errors: NixMessage[] = [];
  readonly #logs = new Map<string, string[]>();
  readonly #derivations = new Map<string, string>();
  readonly #raw: string[] = [];
  readonly #unreachable: string[] = [];
  #state = initialNixState;
  #mostBuilds = 0;

  add(event: NixEvent): void {
    this.#state = afterEvent(this.#state, event);
    // Once one fails, Nix no longer counts what needs it.
    this.#mostBuilds = Math.max(this.#mostBuilds, this.#state.builds.expected);
    switch (event.kind) {
      case 'Said':
        if (event.level === 0 && event.error !== undefined && this.#errors.length < keptErrors)
          this.#errors.push(event);
        else if (event.text.startsWith("cannot build on '"))
          keep(this.#unreachable, event.text, keptTextLength);
        break;
      case 'BuildStarted':
        this.#derivations.set(event.id, event.derivation);
        this.#logs.set(event.derivation, []);
        for (const oldest of this.#logs.keys()) {
          if (this.#logs.size <= keptLogs) break;
          this.#logs.delete(oldest);
        }
        break;
      case 'Logged': {
        const derivation = this.#derivations.get(event.id);
        if (derivation !== undefined) keep(this.#logs.get(derivation), event.line);
        break;
      }
      case 'Stopped':
        this.#derivations.delete(event.id);
        break;
      case 'Raw':
        keep(this.#raw, event.line);
        break;
      case 'FetchStarted':
      case 'CounterStarted':
      case 'Counted':
      case 'Other':
        break;
    }
  }

  evidence(): Evidence {
    const builds = { done: this.#state.builds.done, expected: this.#mostBuilds };
    return {
      errors: this.#errors,
      logs: this.#logs,
      raw: this.#raw,
      ...(this.#unreachable.length === 0 ? {} : { unreachable: this.#unreachable }),
      builds,
    };
  }
}

function keep(lines: string[] | undefined, line: string, length = keptLineLength): void {
  if (lines === undefined) return;
  lines.push(shortened(line, length));
  if (lines.length > keptLines) lines.shift();
}
