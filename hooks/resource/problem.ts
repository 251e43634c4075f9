/** What is wrong with a NixImage, where, and what to do. */
export interface Problem {
  /** `['data', 'contents', 1]` */
  readonly path: readonly (string | number)[];
  /** A sentence that names the field. */
  readonly message: string;
}

/** `data.contents[1]`, as the API server writes it. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}
