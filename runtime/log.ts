import {
  type DestinationStream,
  destination,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** The part of the program that speaks, such as `hook`. */
  readonly name: string;
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Where the lines go; standard error by default, for standard output belongs to the commands' results. */
  readonly destination?: DestinationStream;
}

const secrets = ['authorization', 'headers.authorization', '*.headers.authorization', 'token', '*.token'];

/** A logger of JSON lines: messages are fixed texts, what changes stands in fields, credentials are struck out. */
export function createLogger({ name, level = 'info', destination: target }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.errWithCause },
      redact: { paths: secrets, censor: '(hidden)' },
    },
    target ?? destination({ dest: 2, sync: true }),
  );
}
