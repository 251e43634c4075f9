import { parseArgs } from 'node:util';
import { CodedError } from '../errors.ts';
import { environmentName, type Option, type Options, type Values } from './option.ts';

export class OptionError extends CodedError<'INVALID_OPTION'> {
  constructor(message: string) {
    super('INVALID_OPTION', message);
  }
}

export interface Source {
  /** The words after the command's name. */
  readonly words: readonly string[];
  /** Usually `process.env`; read only at the entry point. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Read<Definition extends Options> {
  readonly values: Values<Definition>;
  /** The words that are no options. */
  readonly rest: readonly string[];
}

/**
 * Reads the options from the command line; the environment (NIXIMAGE_<NAME>) stands in for those that are absent.
 * @throws {OptionError} naming the first option that is unknown, missing or malformed.
 */
export function readOptions<const Definition extends Options>(
  definition: Definition,
  source: Source,
): Read<Definition> {
  const { given, rest } = collect(definition, source.words);
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(definition))
    values[name] = valueOf(name, option, given.get(name), source.environment);
  // Built from the definition's own entries, each by its own `parse`.
  return { values: values as Values<Definition>, rest };
}

function valueOf(
  name: string,
  option: Option<unknown>,
  given: readonly string[] | undefined,
  environment: Source['environment'],
): unknown {
  const variable = environmentName(name);
  const fallback = environment[variable];
  const words = given ?? (fallback === undefined || fallback === '' ? undefined : [fallback]);
  if (words === undefined) {
    if (option.absent.kind === 'Required')
      throw new OptionError(`--${name} is missing; give it, or set ${variable}`);
    return option.absent.value;
  }
  const parsed = option.parse(words);
  if (parsed.ok) return parsed.value;
  const where = given === undefined ? variable : `--${name}`;
  throw new OptionError(`${where} must be ${parsed.expected}, not ${JSON.stringify(words.at(-1))}`);
}

function collect(
  definition: Options,
  words: readonly string[],
): { given: Map<string, string[]>; rest: string[] } {
  const known = new Map(Object.entries(definition));
  const config = Object.fromEntries(
    [...known].map(([name, option]) => [
      name,
      {
        type: option.flag ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(option.letter === undefined ? {} : { short: option.letter }),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') rest.push(token.value);
    if (token.kind !== 'option') continue;
    const option = known.get(token.name);
    if (option === undefined) throw new OptionError(`${token.rawName} is no option here; --help lists them`);
    const value = option.flag ? (token.value ?? 'true') : token.value;
    if (value === undefined || (!token.inlineValue && value.startsWith('-') && value !== '-'))
      throw new OptionError(`${token.rawName} needs a value: ${token.rawName}=${option.placeholder}`);
    const before = given.get(token.name);
    if (before === undefined) given.set(token.name, [value]);
    else if (option.repeated) before.push(value);
    else throw new OptionError(`${token.rawName} is given twice; give it once`);
  }
  return { given, rest };
}
