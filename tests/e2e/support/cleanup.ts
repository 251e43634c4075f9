import type { TestContext } from 'node:test';

export interface Cleanups {
  after(cleanup: () => unknown): void;
}

/**
 * Runs what is handed to `after` in the reverse order: a session ends before its folder goes. node:test itself runs
 * such functions in the order in which they came, and leaves the rest out once one throws.
 */
export function lastFirst(t: Pick<TestContext, 'after'>): Cleanups {
  const cleanups: (() => unknown)[] = [];
  t.after(async () => {
    const errors: unknown[] = [];
    for (const cleanup of cleanups.reverse())
      try {
        await cleanup();
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw new AggregateError(errors, 'what a test left cannot be cleared away');
  });
  return { after: (cleanup) => void cleanups.push(cleanup) };
}
