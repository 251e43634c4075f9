import { CodedError } from '../runtime/errors.ts';
import { nearNames } from '../runtime/nearNames.ts';
import { OptionError } from '../runtime/options.ts';
import { shutdownSignal } from '../runtime/shutdown.ts';
import type { Terminal } from './command.ts';
import { commands } from './commands/index.ts';
import { programHelp } from './help.ts';
import { UsageError } from './usageError.ts';

/**
 * The program `niximage`.
 * @param args the words after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 the command line is wrong.
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    return report(error, terminal);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...words] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.stdout.write(programHelp(commands));
    return name === undefined ? 2 : 0;
  }
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) throw unknownCommand(name);
  const command = await entry.load();
  return await command(words, terminal);
}

function unknownCommand(name: string): UsageError {
  const [near] = nearNames(
    name,
    commands.map((command) => command.name),
  );
  const hint = near === undefined ? 'niximage --help lists them' : `did you mean niximage ${near}?`;
  return new UsageError(
    name.startsWith('-')
      ? `niximage has no option ${name}: ${hint}`
      : `niximage has no command ${name}: ${hint}`,
  );
}

function report(error: unknown, { stderr }: Terminal): number {
  if (error instanceof UsageError || error instanceof OptionError) {
    stderr.write(`${error.message}\n`);
    return 2;
  }
  if (error instanceof CodedError) {
    stderr.write(`${error.message}\n`);
    return 1;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`${stack}\nThis is a fault of niximage itself: please report it with the lines above.\n`);
  return 1;
}

function processTerminal(): Terminal {
  ignoreClosedPipe(process.stdout);
  ignoreClosedPipe(process.stderr);
  return {
    cwd: process.cwd(),
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: withParent(shutdownSignal()),
  };
}

/** A process that `niximage up` started stops when `up` is gone, however that came about. */
function withParent(signal: AbortSignal): AbortSignal {
  if (process.channel === undefined || process.channel === null) return signal;
  const orphaned = new AbortController();
  process.on('disconnect', () => orphaned.abort('disconnect'));
  process.channel.unref();
  return AbortSignal.any([signal, orphaned.signal]);
}

/** `niximage get | head -1` closes the pipe early; that is no fault. */
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
