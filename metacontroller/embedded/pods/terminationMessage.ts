import { open } from 'node:fs/promises';
import { hasErrno } from '../../../runtime/errors.ts';

/** Bytes that a kubelet takes of it. */
const limit = 4096;

/** The message in a file, up to the last whole character within the limit; empty where there is no file. */
export async function readMessage(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, 0);
    // As a stream: the start of a character whose end was cut off is left out.
    return new TextDecoder().decode(buffer.subarray(0, bytesRead), { stream: true }).trim();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

/** What a kubelet takes of the log: whole characters within so many bytes, and so many lines. */
const tailLimits = { bytes: 2048, lines: 80 };

/** The end of a log, as the message of a container that failed and left none; empty where there is no log. */
export async function readLogTail(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const length = Math.min(size, tailLimits.bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    // Bytes of the form 10xxxxxx go on with a character that began before the cut.
    const start = Math.max(
      0,
      buffer.findIndex((byte) => (byte & 0xc0) !== 0x80),
    );
    const text = buffer.subarray(start, bytesRead).toString('utf8').trimEnd();
    return text.split('\n').slice(-tailLimits.lines).join('\n');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

/** The exit code of a builder whose end nobody saw: its report tells whether all went well, and a killed one left none. */
export function exitCodeFrom(message: string): number {
  if (message === '') return 137;
  return resultOf(message) === 'Built' ? 0 : 1;
}

/** What runtime/contract/report.ts calls `result`; undefined for what is no report. */
function resultOf(message: string): unknown {
  try {
    const report: unknown = JSON.parse(message);
    return typeof report === 'object' && report !== null && 'result' in report ? report.result : undefined;
  } catch {
    return undefined;
  }
}
