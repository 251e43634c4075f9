/** What a command may touch of the world; the entry point fills it, tests hand in their own. */
export interface Terminal {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * One command of the program.
 * @param words what stands after the command's name.
 * @returns the exit code.
 */
export type Command = (words: readonly string[], terminal: Terminal) => Promise<number>;

/** The words beside the options: `usage` as the help shows them, `most` undefined where there is no bound. */
export interface Positionals {
  readonly usage: string;
  readonly least: number;
  readonly most?: number;
}
