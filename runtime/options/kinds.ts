import { isAbsolute, resolve } from 'node:path';
import type { Option, Parsed } from './option.ts';

/** A required option read by `parse`; `placeholder` stands for its value in the help text. */
export function parsed<Value>(
  placeholder: string,
  help: string,
  parse: (text: string) => Parsed<Value>,
): Option<Value> {
  return {
    placeholder,
    help,
    flag: false,
    repeated: false,
    parse: (texts) => parse(texts.at(-1) ?? ''),
    absent: { kind: 'Required' },
  };
}

const valid = <Value>(value: Value): Parsed<Value> => ({ ok: true, value });
const expected = (what: string): Parsed<never> => ({ ok: false, expected: what });

/** Any text that is not empty. */
export function text(placeholder: string, help: string): Option<string> {
  return parsed(placeholder, help, (word) =>
    word === '' ? expected('a text that is not empty') : valid(word),
  );
}

/** A TCP port; 0 takes a free one. */
export function port(help: string): Option<number> {
  return number('PORT', help, { minimum: 0, maximum: 65_535 });
}

/** A whole number within bounds, both included. */
export function number(
  placeholder: string,
  help: string,
  bounds: { readonly minimum: number; readonly maximum: number },
): Option<number> {
  const { minimum, maximum } = bounds;
  return parsed(placeholder, help, (word) => {
    const value = /^-?\d+$/.test(word) ? Number(word) : Number.NaN;
    return value >= minimum && value <= maximum
      ? valid(value)
      : expected(`a whole number from ${minimum} to ${maximum}`);
  });
}

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A time such as `500ms`, `30s`, `10m` or `1h`, in milliseconds. */
export function duration(help: string): Option<number> {
  return parsed('TIME', help, (word) => {
    const match = /^(\d{1,9})(ms|s|m|h)$/.exec(word);
    if (match === null) return expected('a time such as 500ms, 30s, 10m or 1h');
    // The pattern admits only these units.
    return valid(Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds]);
  });
}

/** The option, with a greatest value; `what` is what the value should be, for a person. */
export function bounded(option: Option<number>, maximum: number, what: string): Option<number> {
  return {
    ...option,
    parse: (texts) => {
      const result = option.parse(texts);
      return result.ok && result.value > maximum ? expected(what) : result;
    },
  };
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[], help: string): Option<Word> {
  return parsed(words.join('|'), help, (word) => {
    const found = words.find((one) => one === word);
    return found === undefined ? expected(`one of ${words.join(', ')}`) : valid(found);
  });
}

/** The path of a file or folder, made absolute; whether it exists is for its reader to find out. */
export function path(placeholder: string, help: string): Option<string> {
  return parsed(placeholder, help, (word) => {
    if (word === '' || word.includes('\0')) return expected('a path');
    return valid(isAbsolute(word) ? word : resolve(word));
  });
}

/** An http or https URL without credentials, and without a slash at its end. */
export function url(help: string): Option<string> {
  return parsed('URL', help, (word) => {
    const address = URL.canParse(word) ? new URL(word) : undefined;
    const fits =
      address && /^https?:$/.test(address.protocol) && address.username === '' && address.password === '';
    return fits ? valid(word.replace(/\/+$/, '')) : expected('a URL such as http://127.0.0.1:5001');
  });
}

/** An option without a value: absent is false. */
export function flag(help: string): Option<boolean> {
  return {
    placeholder: '',
    help,
    flag: true,
    repeated: false,
    parse: (texts) => {
      const word = texts.at(-1);
      return word === 'true' || word === 'false' ? valid(word === 'true') : expected('true or false');
    },
    absent: { kind: 'Optional', value: false },
  };
}
