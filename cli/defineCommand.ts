import { nearNames } from '../runtime/nearNames.ts';
import { helpText, type Options, readOptions, type Values, wantsHelp } from '../runtime/options.ts';
import type { Command, Positionals, Terminal } from './command.ts';
import { UsageError } from './usageError.ts';

interface Definition<Defined extends Options> {
  readonly name: string;
  readonly summary: string;
  readonly options: Defined;
  /** Whole command lines; a test runs each of them. */
  readonly examples: readonly string[];
  readonly positionals: Positionals;
  run(values: Values<Defined>, words: readonly string[], terminal: Terminal): Promise<number>;
}

/** A command that reads its own options, answers `--help`, and counts its words. */
export function defineCommand<const Defined extends Options>(definition: Definition<Defined>): Command {
  const { name, summary, options, examples, positionals } = definition;
  const usage = `niximage ${name} ${positionals.usage}`.trimEnd();
  return async (words, terminal) => {
    if (wantsHelp(words)) {
      terminal.stdout.write(helpText({ usage, summary, options, examples }));
      return 0;
    }
    refuseUnknown(name, options, words);
    const { values, rest } = readOptions(options, { words, environment: terminal.env });
    refuseCount(usage, positionals, rest);
    return await definition.run(values, rest, terminal);
  };
}

function refuseUnknown(command: string, options: Options, words: readonly string[]): void {
  for (const word of words) {
    if (word === '--') return;
    const option = /^--([^=]+)/.exec(word)?.[1];
    if (option === undefined || Object.hasOwn(options, option)) continue;
    const [near] = nearNames(option, [...Object.keys(options), 'help']);
    const hint = near === undefined ? `niximage ${command} --help lists them` : `did you mean --${near}?`;
    throw new UsageError(`niximage ${command} has no option --${option}: ${hint}`);
  }
}

function refuseCount(usage: string, { least, most }: Positionals, words: readonly string[]): void {
  if (words.length < least) throw new UsageError(`something is missing; usage: ${usage}`);
  const extra = most === undefined ? undefined : words[most];
  if (extra !== undefined)
    throw new UsageError(`${JSON.stringify(extra)} is one word too many; usage: ${usage}`);
}
