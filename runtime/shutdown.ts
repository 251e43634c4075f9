/** What a shell reports for a program that a signal ended: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

type StopSignal = keyof typeof exitCodes;

export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  exit(code: number): void;
}

/**
 * A signal that is aborted by the process's first SIGTERM or SIGINT; `reason` is the signal's name.
 * The second one ends the process at once, so that nobody has to wait for a drain that hangs.
 */
export function shutdownSignal(source: SignalSource = process): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: StopSignal): void => {
    if (controller.signal.aborted) source.exit(exitCodes[signal]);
    else controller.abort(signal);
  };
  source.on('SIGTERM', stop);
  source.on('SIGINT', stop);
  return controller.signal;
}
