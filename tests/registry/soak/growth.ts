/** What a process held at one time. */
export interface Sample {
  /** Bytes of resident memory. */
  readonly memory: number;
  /** Open file descriptors. */
  readonly descriptors: number;
}

/** By how much the memory may pass what it was in the first tenth: the collector's garbage comes and goes. */
const margin = 1.1;

/**
 * What grew after the first tenth of a run, in sentences.
 * @param samples taken at even distances, 20 of them at least.
 * @throws {RangeError} where there are too few to tell.
 */
export function growth(samples: readonly Sample[]): string[] {
  if (samples.length < 20) throw new RangeError('20 samples at least tell whether something grows');
  const early = Math.floor(samples.length / 10);
  const most = (some: readonly Sample[]): Sample => ({
    memory: Math.max(...some.map(({ memory }) => memory)),
    descriptors: Math.max(...some.map(({ descriptors }) => descriptors)),
  });
  const [first, rest] = [most(samples.slice(0, early)), most(samples.slice(early))];
  const grown: string[] = [];
  if (rest.memory > first.memory * margin)
    grown.push(`memory grew from ${mebibytes(first.memory)} to ${mebibytes(rest.memory)}`);
  if (rest.descriptors > first.descriptors)
    grown.push(`open files grew from ${first.descriptors} to ${rest.descriptors}`);
  return grown;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}
