import type { NixEvent, NixMessage } from './event.ts';
import { packageNameOf } from './storePath.ts';

const shownLevel = 3;

/** Turns Nix's events into the plain lines that `kubectl logs` shows. */
export class ReadableLog {
  readonly #building = new Map<string, string>();

  /** The lines for one event: none, one, or several. */
  linesFor(event: NixEvent): string[] {
    switch (event.kind) {
      case 'BuildStarted': {
        const name = packageNameOf(event.derivation);
        this.#building.set(event.id, name);
        return [`building ${name}`];
      }
      case 'FetchStarted':
        return [`fetching ${packageNameOf(event.path)}${event.from === '' ? '' : ` from ${event.from}`}`];
      case 'Logged':
        return [`${this.#building.get(event.id) ?? 'nix'}> ${event.line}`];
      case 'Stopped':
        this.#building.delete(event.id);
        return [];
      case 'Said':
        return event.level > shownLevel ? [] : messageLines(event);
      case 'Raw':
        return [event.line];
      case 'CounterStarted':
      case 'Counted':
      case 'Other':
        return [];
    }
  }
}

/** The builder asks for traces to learn which entry failed; an error is shown without its hundreds of lines. */
function messageLines(message: NixMessage): string[] {
  if (message.error === undefined)
    return message.text.includes('--show-trace') ? [] : message.text.split('\n');
  const at =
    message.file === undefined || message.line === undefined ? [] : [`  at ${message.file}:${message.line}`];
  return [...`error: ${message.error}`.split('\n'), ...at];
}
