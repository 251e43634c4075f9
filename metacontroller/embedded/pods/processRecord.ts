import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../../runtime/errors.ts';

/** A process for good: a pid alone may be another one's by now. */
export interface ProcessRecord {
  readonly pid: number;
  /** Which start of the machine it belongs to; empty off Linux, as is the next. */
  readonly boot: string;
  /** Clock ticks from the machine's start to the process's. */
  readonly startTime: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

const bootFile = '/proc/sys/kernel/random/boot_id';

/**
 * A shell script that makes itself the one process of a Pod: it writes who it is into the file `$1`, which comes into
 * being whole and once (link(2)), and only then becomes the program. Whoever comes later ends. So a session that is
 * killed at any moment leaves either a file that tells the next one of the process, or none that ever runs the program.
 * Descriptor 3 is closed when that is decided.
 */
export const recordingScript = `
{ read -r boot <${bootFile} || boot=; read -r stat <"/proc/$$/stat" || stat=; } 2>/dev/null
printf '%s\\n' "$$" "$boot" "$stat" >"$1.$$" && ln "$1.$$" "$1" 2>/dev/null || exit 1
shift
exec 3>&-
exec "$@"`;

export function recordFileIn(folder: string): string {
  return join(folder, 'process');
}

/** Reads what the script wrote; undefined where no process became the Pod's. */
export async function readRecord(folder: string): Promise<ProcessRecord | undefined> {
  const path = recordFileIn(folder);
  try {
    const [pid, boot = '', text = ''] = (await readFile(path, 'utf8')).split('\n');
    return {
      pid: Number(pid),
      boot,
      startTime: parseStat(text).startTime,
      startedAt: (await stat(path)).mtimeMs,
    };
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether the process still runs; what is left of an ended one (a zombie) does not. In doubt it does. */
export function isAlive({ pid, boot, startTime }: ProcessRecord): boolean {
  try {
    if (boot === '') return process.kill(pid, 0);
    const now = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const sameBoot = readFileSync(bootFile, 'utf8').trim() === boot;
    return sameBoot && now.startTime === startTime && now.state !== 'Z';
  } catch (error) {
    return !hasErrno(error, 'ENOENT') && !hasErrno(error, 'ESRCH');
  }
}

/** Fields 3 and 22 of /proc/<pid>/stat, proc(5); the second, a name in parentheses, may hold spaces. */
function parseStat(text: string): { readonly state: string; readonly startTime: string } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}
