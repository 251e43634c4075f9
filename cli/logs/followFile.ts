import { watch } from 'node:fs';
import { open } from 'node:fs/promises';

/** Milliseconds after which it is asked again whether anything can still come. */
const askEvery = 300;

export interface Following {
  /** Whether nothing more is written to the file. */
  isOver(): Promise<boolean>;
  print(text: string): void;
  readonly signal: AbortSignal;
}

/** Prints a file, and then what is added to it, until it is over or `signal` aborts. */
export async function followFile(path: string, { isOver, print, signal }: Following): Promise<void> {
  await using file = await open(path);
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 * 1024);
  let wake = Promise.withResolvers<void>();
  const watcher = watch(path, () => wake.resolve());
  const stop = (): void => wake.resolve();
  signal.addEventListener('abort', stop, { once: true });
  const ticker = setInterval(stop, askEvery);
  try {
    for (;;) {
      wake = Promise.withResolvers<void>();
      // Asked before the last reading, so that what was written meanwhile is read.
      const over = signal.aborted || (await isOver());
      for (
        let { bytesRead } = await file.read(buffer);
        bytesRead > 0;
        { bytesRead } = await file.read(buffer)
      )
        print(decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
      if (over) return;
      await wake.promise;
    }
  } finally {
    clearInterval(ticker);
    signal.removeEventListener('abort', stop);
    watcher.close();
  }
}
