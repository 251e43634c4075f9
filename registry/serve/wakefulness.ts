/** A client that asks again this soon is worth staying awake for. Milliseconds. */
const patience = 0.05;

/**
 * Whoever is answered at once often asks again at once, and to fall asleep and be woken takes longer than the answer.
 * So the process looks for the next request for 50 microseconds before it sleeps, as long as requests do come that soon;
 * where they do not, it sleeps as ever.
 * @returns what is to be called at each answer.
 */
export function createWakefulness(now: () => number = () => performance.now()): () => void {
  let answered = Number.NEGATIVE_INFINITY;
  let isWatching = false;
  const watch = (): void => {
    if (now() - answered < patience) setImmediate(watch);
    else isWatching = false;
  };
  return () => {
    const before = answered;
    answered = now();
    if (isWatching || answered - before > 2 * patience) return;
    isWatching = true;
    setImmediate(watch);
  };
}
