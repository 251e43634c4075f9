import { environmentName, type Option, type Options } from './option.ts';

/** Whether the words ask for help: `--help` or `-h` before a `--`. */
export function wantsHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end === -1 ? words.length : end).some((word) => word === '--help' || word === '-h');
}

export interface Help {
  /** `niximage render FILE`, without the options. */
  readonly usage: string;
  /** What the command does, in a sentence or a few lines. */
  readonly summary: string;
  readonly options: Options;
  /** Whole command lines. */
  readonly examples: readonly string[];
}

/** The text that `--help` prints, its last line ended. */
export function helpText({ usage, summary, options, examples }: Help): string {
  const rows = Object.entries(options).map(
    ([name, option]) => [signature(name, option), note(option)] as const,
  );
  rows.push(['-h, --help', 'Print this text.']);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `Usage: ${usage} [options]`,
    '',
    summary,
    '',
    'Options:',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    ...(Object.keys(options).length === 0
      ? []
      : ['', `An option that is absent is read from the environment: ${example(options)}.`]),
    '',
    'Examples:',
    ...examples.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function signature(name: string, option: Option<unknown>): string {
  const short = option.letter === undefined ? '    ' : `-${option.letter}, `;
  return `${short}--${name}${option.flag ? '' : `=${option.placeholder}`}`;
}

function note({ help, absent, repeated: many }: Option<unknown>): string {
  const more = many ? ' May be given more than once.' : '';
  switch (absent.kind) {
    case 'Required':
      return `${help}${more} (required)`;
    case 'Default':
      return `${help}${more} (default ${absent.shown})`;
    case 'Optional':
      return `${help}${more}`;
  }
}

function example(options: Options): string {
  const [name = ''] = Object.keys(options);
  return `--${name} from ${environmentName(name)}`;
}
