/** Bytes `first` to `last`, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** What a Range header asks of a content: all of it, one part, or a part that is not there (416). */
export type Selection =
  | { readonly kind: 'Whole' }
  | { readonly kind: 'Part'; readonly range: ByteRange }
  | { readonly kind: 'Parts'; readonly ranges: readonly ByteRange[] }
  | { readonly kind: 'Unsatisfiable' };

/** More parts than this are answered with the whole: partial pulls ask for a few, attacks for thousands. */
const partLimit = 64;
const whole: Selection = { kind: 'Whole' };

/**
 * Reads a Range header over a content of `size` bytes (RFC 9110, section 14.2). A header that is malformed, of another
 * unit, or asks for overlapping parts is ignored, as the RFC allows: the client gets the whole. A part that ends before
 * it begins is not there.
 */
export function selectRange(header: string | undefined, size: number): Selection {
  if (header === undefined) return whole;
  const list = /^bytes=(.+)$/i.exec(header.trim())?.[1]?.split(',');
  if (list === undefined || list.length > partLimit) return whole;
  const ranges: ByteRange[] = [];
  for (const text of list) {
    const spec = parseSpec(text.trim());
    if (spec === undefined) return whole;
    const range = resolveSpec(spec, size);
    if (range !== undefined) ranges.push(range);
  }
  const [only] = ranges;
  if (only === undefined) return { kind: 'Unsatisfiable' };
  if (ranges.length === 1) return { kind: 'Part', range: only };
  return overlap(ranges) ? whole : { kind: 'Parts', ranges };
}

type Spec =
  | { readonly kind: 'Between'; readonly first: number; readonly last: number }
  | { readonly kind: 'Suffix'; readonly length: number };

function parseSpec(text: string): Spec | undefined {
  const match = /^(\d{0,15})-(\d{0,15})$/.exec(text);
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : { kind: 'Suffix', length: Number(last) };
  return {
    kind: 'Between',
    first: Number(first),
    last: last === '' ? Number.MAX_SAFE_INTEGER : Number(last),
  };
}

function resolveSpec(spec: Spec, size: number): ByteRange | undefined {
  switch (spec.kind) {
    case 'Suffix':
      return spec.length === 0 || size === 0
        ? undefined
        : { first: Math.max(0, size - spec.length), last: size - 1 };
    case 'Between':
      return spec.first >= size || spec.last < spec.first
        ? undefined
        : { first: spec.first, last: Math.min(spec.last, size - 1) };
  }
}

function overlap(ranges: readonly ByteRange[]): boolean {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  return sorted.some((range, index) => {
    const before = sorted[index - 1];
    return before !== undefined && range.first <= before.last;
  });
}

/** Bytes of a range. */
export function lengthOf({ first, last }: ByteRange): number {
  return last - first + 1;
}

/** The value of Content-Range (RFC 9110, section 14.4). */
export function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}
