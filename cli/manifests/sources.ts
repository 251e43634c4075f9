import { open, readdir, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { hasErrno, messageOf } from '../../runtime/errors.ts';
import type { Problem } from './problem.ts';

/** The text of one file of manifests; `file` is the name by which the person knows it. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

export interface Sources {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
}

/** Bytes. The API server takes 3 MiB in one request; more than that in one file is no manifest. */
const largestFile = 4 * 1024 * 1024;

const manifestExtensions = new Set(['.yaml', '.yml', '.json']);

/**
 * Reads what the words of a command line name: files, folders (their .yaml, .yml and .json files, not those of
 * folders below, as kubectl does) and `-` for standard input. What cannot be read is a problem, the rest is read.
 */
export async function readSources(
  words: readonly string[],
  { cwd, stdin }: { readonly cwd: string; readonly stdin: NodeJS.ReadableStream },
): Promise<Sources> {
  const sources: Source[] = [];
  const problems: Problem[] = [];
  for (const word of [...new Set(words)]) {
    for (const read of await readWord(word, cwd, stdin)) {
      if ('text' in read) sources.push(read);
      else problems.push(read);
    }
  }
  return { sources, problems };
}

async function readWord(
  word: string,
  cwd: string,
  stdin: NodeJS.ReadableStream,
): Promise<readonly (Source | Problem)[]> {
  if (word === '-') return [decode('standard input', await readAtMost(stdin))];
  try {
    const files = await filesOf(word, cwd);
    if (files.length === 0)
      return [{ file: word, message: 'this folder holds no .yaml, .yml or .json file.' }];
    return await Promise.all(
      files.map(async (file) => decode(file, await readFileAtMost(resolve(cwd, file)))),
    );
  } catch (error) {
    return [{ file: word, message: unreadable(error), missing: hasErrno(error, 'ENOENT') }];
  }
}

/** The files that one word names, in the order of their names. */
async function filesOf(word: string, cwd: string): Promise<readonly string[]> {
  const path = resolve(cwd, word);
  if (!(await stat(path)).isDirectory()) return [word];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && manifestExtensions.has(extname(entry.name)))
    .map((entry) => join(word, entry.name))
    .sort();
}

function unreadable(error: unknown): string {
  if (hasErrno(error, 'ENOENT')) return 'there is no such file.';
  if (hasErrno(error, 'EACCES')) return 'this file may not be read by you.';
  return `this file cannot be read: ${messageOf(error)}.`;
}

type Bytes = Buffer | 'TooLarge';

async function readFileAtMost(path: string): Promise<Bytes> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > largestFile) return 'TooLarge';
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function readAtMost(stream: NodeJS.ReadableStream): Promise<Bytes> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largestFile) return 'TooLarge';
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function decode(file: string, bytes: Bytes): Source | Problem {
  if (bytes === 'TooLarge')
    return {
      file,
      message: `this file is larger than ${largestFile / 1024 / 1024} MiB, which no manifest is.`,
    };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const nul = text.indexOf('\0');
    if (nul === -1) return { file, text };
    return { file, message: 'this file is not text: it holds a NUL byte.' };
  } catch {
    return { file, message: 'this file is not text: its bytes are not UTF-8.' };
  }
}
