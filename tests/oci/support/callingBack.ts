import { linkSync, unlinkSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** A thread that calls a blob back as `callBack` does, once a turn, some 0 to 200 microseconds after the turn began. */
export interface CallingBack {
  readonly path: string;
  readonly aside: string;
  /** [0]: turns that the test began; [1]: turns that the thread has ended. */
  readonly turns: Int32Array;
}

const { path, aside, turns } = workerData as CallingBack;
for (let turn = 1; ; turn += 1) {
  Atomics.wait(turns, 0, turn - 1);
  const until = performance.now() + Math.random() * 0.2;
  while (performance.now() < until);
  linkSync(aside, path);
  unlinkSync(aside);
  Atomics.store(turns, 1, turn);
  Atomics.notify(turns, 1);
}
