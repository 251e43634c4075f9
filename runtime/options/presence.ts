import type { Option } from './option.ts';

/** An option that may be given more than once; from the environment it is one value. */
export function repeated<Value>(option: Option<Value>): Option<readonly Value[]> {
  return {
    ...option,
    repeated: true,
    parse: (texts) => {
      const values: Value[] = [];
      for (const word of texts) {
        const parsed = option.parse([word]);
        if (!parsed.ok) return parsed;
        values.push(parsed.value);
      }
      return { ok: true, value: values };
    },
    absent: { kind: 'Optional', value: [] },
  };
}

/** The option, with a value where none is given. `shown` is what the help text prints of it. */
export function withDefault<Value>(
  option: Option<Value>,
  value: NoInfer<Value>,
  shown: string = String(value),
): Option<Value> {
  return { ...option, absent: { kind: 'Default', value, shown } };
}

/** The option, undefined where it is not given. */
export function optional<Value>(option: Option<Value>): Option<Value | undefined> {
  return { ...option, absent: { kind: 'Optional', value: undefined } };
}

/** The option, with a letter for short: `-o`. */
export function letter<Value>(option: Option<Value>, short: string): Option<Value> {
  return { ...option, letter: short };
}
