/** A client that asks again this soon is worth staying awake for. Milliseconds. */
const patience = 0.05;

/**
 * Whoever is answered at once often asks again at once, and to fall asleep and be woken takes longer than the answer.
 * So the process looks for the next request for 50 microseconds before it sleeps, as long as one connection asks that
 * soon. Where several do, there is work enough to stay awake by, and other processes may need the core; so it sleeps as
 * ever.
 * @returns what is to be called at each answer, with the connection.
 */
export function createWakefulness(now: () => number = () => performance.now()): (connection: object) => void {
  let last: object | undefined;
  let answered = Number.NEGATIVE_INFINITY;
  let isExpected = false;
  let isWatching = false;
  const watch = (): void => {
    isWatching = isExpected && now() - answered < patience;
    if (isWatching) setImmediate(watch);
  };
  return (connection) => {
    const before = answered;
    answered = now();
    isExpected = connection === last && answered - before <= 2 * patience;
    last = connection;
    if (!isExpected || isWatching) return;
    isWatching = true;
    setImmediate(watch);
  };
}
