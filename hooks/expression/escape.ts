import { CodedError } from '../../runtime/errors.ts';

/** A text that no Nix expression can hold. The schema refuses it first. */
export class UnrepresentableText extends CodedError<'UNREPRESENTABLE_TEXT'> {
  constructor(text: string) {
    super(
      'UNREPRESENTABLE_TEXT',
      `Nix has no such string: ${JSON.stringify(text)} holds a NUL or half a character`,
    );
  }
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  // Every dollar, so that no `${` comes about, whatever follows.
  $: '\\$',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/**
 * A text as a Nix string: https://nix.dev/manual/nix/stable/language/string-literals
 * @throws {UnrepresentableText} for NUL, at which Nix 2.8 cuts the string without a word, and for lone surrogates.
 */
export function escapeString(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) throw new UnrepresentableText(text);
  return `"${text.replaceAll(/[\\"$\n\r\t]/g, (character) => escapes[character] ?? character)}"`;
}
