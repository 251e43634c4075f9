import { isAscii } from 'node:buffer';
import { codePoints, hasUndecodable } from './text.ts';

/** Who owns the entries of a layer, and when they were changed: the same for all of them. */
export interface TarStyle {
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
}

/** One entry, as lstat sees it. A directory's name has no slash at its end here. */
export interface TarEntry {
  readonly name: Buffer;
  readonly type: 'file' | 'directory' | 'symlink';
  /** The low twelve bits of the mode. */
  readonly mode: number;
  /** Bytes of a file; 0 of anything else. */
  readonly size: number;
  /** Target of a symlink, else empty. */
  readonly target: Buffer;
}

export const blockSize = 512;
/** Archives end at a multiple of this: twenty blocks, as tar has always done. */
export const recordSize = 10_240;

const typeFlags = { file: '0', symlink: '2', directory: '5', extended: 'x' } as const;

/**
 * The header of one entry as Python's tarfile writes it in PAX format, with an extended header before it where a value
 * does not fit: POSIX.1-2017, "pax Interchange Format".
 */
export function tarHeader(entry: TarEntry, style: TarStyle): Buffer {
  const name = entry.type === 'directory' ? Buffer.concat([entry.name, Buffer.from('/')]) : entry.name;
  const uname = Buffer.from(style.uname);
  const gname = Buffer.from(style.gname);
  const records: [keyword: string, value: Buffer][] = [];
  for (const [keyword, value, limit] of [
    ['path', name, 100],
    ['linkpath', entry.target, 100],
    ['uname', uname, 32],
    ['gname', gname, 32],
  ] as const)
    if (!isAscii(value) || value.length > limit) records.push([keyword, value]);
  const numbers = { uid: style.uid, gid: style.gid, size: entry.size, mtime: style.mtime };
  for (const [keyword, digits] of [
    ['uid', 8],
    ['gid', 8],
    ['size', 12],
    ['mtime', 12],
  ] as const) {
    const value = numbers[keyword];
    if (value >= 0 && value < 8 ** (digits - 1)) continue;
    records.push([keyword, Buffer.from(String(value))]);
    numbers[keyword] = 0;
  }
  const header = ustar(typeFlags[entry.type], name, entry.mode, numbers, entry.target, uname, gname);
  return records.length === 0 ? header : Buffer.concat([...extendedHeader(records), header]);
}

interface Numbers {
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
}

const nothing = Buffer.alloc(0);

function ustar(
  type: string,
  name: Buffer,
  mode: number,
  numbers: Numbers,
  target: Buffer,
  uname: Buffer,
  gname: Buffer,
): Buffer {
  const header = Buffer.alloc(blockSize);
  writeText(header, name, 0, 100);
  writeOctal(header, mode, 100, 8);
  writeOctal(header, numbers.uid, 108, 8);
  writeOctal(header, numbers.gid, 116, 8);
  writeOctal(header, numbers.size, 124, 12);
  writeOctal(header, numbers.mtime, 136, 12);
  header.fill(' ', 148, 156);
  header.write(type, 156, 'latin1');
  writeText(header, target, 157, 100);
  header.write('ustar\u000000', 257, 'latin1');
  writeText(header, uname, 265, 32);
  writeText(header, gname, 297, 32);
  let sum = 0;
  // By index: an iterator takes most of the time that a header takes.
  for (let index = 0; index < blockSize; index += 1) sum += header[index] ?? 0;
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000`, 148, 'latin1');
  return header;
}

/** Text in a fixed field: what is not ASCII is a question mark, what is too long is cut. */
function writeText(header: Buffer, text: Buffer, at: number, length: number): void {
  if (isAscii(text)) {
    text.copy(header, at, 0, length);
    return;
  }
  for (const [index, point] of codePoints(text).slice(0, length).entries())
    header[at + index] = point < 0x80 ? point : 0x3f;
}

function writeOctal(header: Buffer, value: number, at: number, length: number): void {
  header.write(`${value.toString(8).padStart(length - 1, '0')}\u0000`, at, 'latin1');
}

function extendedHeader(records: readonly (readonly [keyword: string, value: Buffer])[]): Buffer[] {
  const binary = records.some(([, value]) => hasUndecodable(value));
  const body = Buffer.concat([
    ...(binary ? [Buffer.from('21 hdrcharset=BINARY\n')] : []),
    ...records.map(([keyword, value]) => record(keyword, value)),
  ]);
  const numbers = { uid: 0, gid: 0, size: body.length, mtime: 0 };
  const header = ustar(
    typeFlags.extended,
    Buffer.from('././@PaxHeader'),
    0,
    numbers,
    nothing,
    nothing,
    nothing,
  );
  return [header, body, Buffer.alloc(padding(body.length, blockSize))];
}

/** `<length> <keyword>=<value>\n`, where the length counts its own digits. */
function record(keyword: string, value: Buffer): Buffer {
  const rest = keyword.length + value.length + 3;
  let length = rest;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${keyword}=`), value, Buffer.from('\n')]);
}

/** Bytes that are missing up to the next multiple of `unit`. */
export function padding(size: number, unit: number): number {
  return (unit - (size % unit)) % unit;
}
