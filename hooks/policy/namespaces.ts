/** Namespaces, each by its name or by a pattern with `*`. */
const namespacePattern = /^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/;

/** Matches the whole name of a namespace; undefined where the text is no pattern. */
export function parseNamespaces(text: string): RegExp | undefined {
  return namespacePattern.test(text) ? new RegExp(`^${text.split('*').join('[-a-z0-9]*')}$`) : undefined;
}
