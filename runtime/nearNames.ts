/**
 * The names that `name` was most likely meant to be, the nearest first, three at most: one or two slips away
 * (a letter missing, added, changed, or two exchanged), or the same letters in another case.
 */
export function nearNames(name: string, names: readonly string[]): string[] {
  const limit = name.length <= 3 ? 1 : 2;
  const wanted = name.toLowerCase();
  const found: { name: string; slips: number }[] = [];
  for (const candidate of names) {
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    const slips = slipsBetween(wanted, candidate.toLowerCase(), limit);
    if (slips <= limit) found.push({ name: candidate, slips });
  }
  found.sort((a, b) => a.slips - b.slips || (a.name < b.name ? -1 : 1));
  return found.slice(0, 3).map((each) => each.name);
}

/** Damerau's distance in its restricted form (optimal string alignment); above `limit` it is `limit + 1`. */
export function slipsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let slips = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const exchanged = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (exchanged) slips = Math.min(slips, at(beforeLast, column - 2) + 1);
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(at(last, b.length), limit + 1);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.MAX_SAFE_INTEGER;
}
