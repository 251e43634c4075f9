import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, hasErrno, messageOf } from '../../runtime/errors.ts';

export class StateFolderError extends CodedError<'ALREADY_UP' | 'STATE_UNUSABLE'> {}

/** Who runs on a state folder, and where it answers; `niximage get` and `logs` read it. */
export interface SessionRecord {
  readonly pid: number;
  /** The process's start in clock ticks since boot, so that a reused pid is told from it; empty off Linux. */
  readonly started: string;
  readonly port: number;
}

/** The folder in which `niximage up` keeps what must outlive it. */
export class StateFolder {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get store(): string {
    return join(this.root, 'store');
  }

  get objects(): string {
    return join(this.root, 'objects');
  }

  log(service: string): string {
    return join(this.root, 'logs', `${service}.log`);
  }

  /**
   * Takes the folder for this process.
   * @returns whether the one before ended as it should; one that was killed leaves services behind for a moment.
   * @throws {StateFolderError} where another `up` runs on it, or it cannot be written.
   */
  async take(port: number): Promise<'clean' | 'unclean'> {
    const other = await this.session();
    if (other !== undefined)
      throw new StateFolderError(
        'ALREADY_UP',
        `niximage up already runs on ${this.root} (process ${other.pid}, port ${other.port}): stop it, or give this one its own folder with --state DIR.`,
      );
    const clean = (await this.#read('session.json')) === undefined;
    const record: SessionRecord = { pid: process.pid, started: await startOf(process.pid), port };
    try {
      await mkdir(join(this.root, 'logs'), { recursive: true, mode: 0o700 });
      await this.#write('session.json', JSON.stringify(record));
      return clean ? 'clean' : 'unclean';
    } catch (cause) {
      throw new StateFolderError(
        'STATE_UNUSABLE',
        `the state folder ${this.root} cannot be written (${messageOf(cause)}): choose another one with --state DIR.`,
        { cause },
      );
    }
  }

  /** The session that runs on this folder now; one that was killed is none. */
  async session(): Promise<SessionRecord | undefined> {
    const text = await this.#read('session.json');
    const record = text === undefined ? undefined : readRecord(text);
    if (record === undefined || !isAlive(record.pid)) return undefined;
    return (await startOf(record.pid)) === record.started ? record : undefined;
  }

  async release(): Promise<void> {
    await rm(join(this.root, 'session.json'), { force: true });
  }

  /** The token that callers of one service show; made once, readable by its owner alone. */
  async token(service: string): Promise<{ readonly path: string; readonly token: string }> {
    const name = `${service}.token`;
    const path = join(this.root, name);
    const known = (await this.#read(name))?.trim();
    if (known) return { path, token: known };
    const token = randomBytes(32).toString('hex');
    await this.#write(name, token);
    return { path, token };
  }

  /** What was chosen last about packages; undefined where nothing was. */
  async remembered(): Promise<string | undefined> {
    return (await this.#read('packages'))?.trim() || undefined;
  }

  /** @param choice `demo`, or where nixpkgs comes from. */
  async remember(choice: string): Promise<void> {
    await this.#write('packages', `${choice}\n`);
  }

  async #read(name: string): Promise<string | undefined> {
    return await readFile(join(this.root, name), 'utf8').catch((error: unknown) => {
      if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined;
      throw error;
    });
  }

  async #write(name: string, text: string): Promise<void> {
    const path = join(this.root, name);
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
  }
}

function readRecord(text: string): SessionRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, started, port } = value as Record<keyof SessionRecord, unknown>;
    if (typeof pid !== 'number' || typeof started !== 'string' || typeof port !== 'number') return undefined;
    return { pid, started, port };
  } catch {
    // A half-written record is none.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrno(error, 'EPERM');
  }
}

/** Field 22 of /proc/<pid>/stat (proc(5)); the name before it may hold spaces and parentheses. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
