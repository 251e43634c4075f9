import { randomBytes } from 'node:crypto';
import { type ByteRange, contentRange, lengthOf } from './range.ts';

/** A multipart/byteranges body before its parts are read (RFC 9110, section 14.6). */
export interface Multipart {
  readonly contentType: string;
  /** Bytes of the whole body. */
  readonly length: number;
  readonly parts: readonly { readonly head: string; readonly range: ByteRange }[];
  readonly end: string;
}

/** Lays out the parts of a content of `size` bytes; the ranges must lie within it. */
export function layOut(
  ranges: readonly ByteRange[],
  size: number,
  partType: string,
  boundary: string = randomBytes(16).toString('hex'),
): Multipart {
  const parts = ranges.map((range) => ({
    head: `\r\n--${boundary}\r\nContent-Type: ${partType}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`,
    range,
  }));
  const end = `\r\n--${boundary}--\r\n`;
  const length = parts.reduce((sum, { head, range }) => sum + head.length + lengthOf(range), end.length);
  return { contentType: `multipart/byteranges; boundary=${boundary}`, length, parts, end };
}
