import { watch } from 'node:fs';
import { open } from 'node:fs/promises';

/** Prints a file, and then what is added to it, until `signal` aborts. */
export async function followFile(
  path: string,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await using file = await open(path);
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 * 1024);
  let wake = Promise.withResolvers<void>();
  const watcher = watch(path, () => wake.resolve());
  const stop = (): void => wake.resolve();
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (!signal.aborted) {
      wake = Promise.withResolvers<void>();
      for (
        let { bytesRead } = await file.read(buffer);
        bytesRead > 0;
        { bytesRead } = await file.read(buffer)
      )
        print(decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
      if (!signal.aborted) await wake.promise;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    watcher.close();
  }
}
