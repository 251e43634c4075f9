import { isAscii } from 'node:buffer';

/**
 * File names as Python reads them: UTF-8, and each byte that is none becomes the code point U+DC00 + byte ("surrogate
 * escape", PEP 383). nixpkgs sorts, measures and replaces by these code points, so neither bytes nor UTF-16 units do.
 */
export function codePoints(bytes: Uint8Array): number[] {
  const points: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [point, length] = decodeAt(bytes, at);
    points.push(point);
    at += length;
  }
  return points;
}

function decodeAt(bytes: Uint8Array, at: number): readonly [point: number, length: number] {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return [first, 1];
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const lowest = length === 4 ? 0x1_0000 : length === 3 ? 0x800 : 0x80;
  let point = first & (0xff >> (length + 1));
  for (let index = 1; index < length; index += 1) {
    const next = bytes[at + index] ?? 0;
    if ((next & 0xc0) !== 0x80) return [0xdc00 + first, 1];
    point = (point << 6) | (next & 0x3f);
  }
  const isScalar = point >= lowest && point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff);
  return first >= 0xc2 && first <= 0xf4 && isScalar ? [point, length] : [0xdc00 + first, 1];
}

/** Whether any byte is not part of valid UTF-8. */
export function hasUndecodable(bytes: Uint8Array): boolean {
  return !isAscii(bytes) && codePoints(bytes).some((point) => point >= 0xdc80 && point <= 0xdcff);
}

/** The order of two names: by code points. */
export function compareNames(left: Buffer, right: Buffer): number {
  if (isAscii(left) && isAscii(right)) return Buffer.compare(left, right);
  const [one, other] = [codePoints(left), codePoints(right)];
  for (let index = 0; index < one.length && index < other.length; index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
