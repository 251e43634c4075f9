/** One command-line option. `parse` answers a value, or what the text should have been. */
export interface Option<Value> {
  /** What stands for the value in the help text, such as `PORT`. */
  readonly placeholder: string;
  readonly help: string;
  /** A flag takes no value on the command line; `true` and `false` in the environment. */
  readonly flag: boolean;
  /** Whether it may be given more than once. */
  readonly repeated: boolean;
  readonly parse: (texts: readonly string[]) => Parsed<Value>;
  readonly absent: Absent<Value>;
  /** One letter, for `-o`. */
  readonly letter?: string;
}

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string };

export type Absent<Value> =
  | { readonly kind: 'Required' }
  | { readonly kind: 'Optional'; readonly value: Value }
  | { readonly kind: 'Default'; readonly value: Value; readonly shown: string };

export type Options = Readonly<Record<string, Option<unknown>>>;

export type Values<Definition extends Options> = {
  readonly [Name in keyof Definition]: Definition[Name] extends Option<infer Value> ? Value : never;
};

/** The name of the environment variable that stands in for an option: `keeper-url` is `NIXIMAGE_KEEPER_URL`. */
export function environmentName(name: string): string {
  return `NIXIMAGE_${name.toUpperCase().replaceAll('-', '_')}`;
}
