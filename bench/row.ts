/** One measurement. Where nobody else does the same, the peer is the goal. */
export interface Row {
  readonly case: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  /** `>= 3000`, `< 5`; `<= 0.3 of peer` where the ratio is what counts. */
  readonly goal: string;
  readonly holds: boolean;
}

/** A figure that is to reach a goal, or to stay below it. */
export function row(
  name: string,
  unit: string,
  ours: number,
  goal: { readonly atLeast: number } | { readonly below: number },
): Row {
  const [peer, text, holds] =
    'atLeast' in goal
      ? [goal.atLeast, `>= ${goal.atLeast}`, ours >= goal.atLeast]
      : [goal.below, `< ${goal.below}`, ours < goal.below];
  return { case: name, unit, ours: rounded(ours), peer, ratio: rounded(ours / peer), goal: text, holds };
}

/** A figure that is to be at most a part, or a multiple, of what the peer has in the same run. */
export function ratioRow(name: string, unit: string, ours: number, peer: number, most: number): Row {
  const ratio = ours / peer;
  return {
    case: name,
    unit,
    ours: rounded(ours),
    peer: rounded(peer),
    ratio: rounded(ratio),
    goal: `<= ${most} of peer`,
    holds: ratio <= most,
  };
}

/** A figure that is to be at least so many times what the peer has in the same run; without a goal it always holds. */
export function timesRow(name: string, unit: string, ours: number, peer: number, least?: number): Row {
  const ratio = ours / peer;
  return {
    case: name,
    unit,
    ours: rounded(ours),
    peer: rounded(peer),
    ratio: rounded(ratio),
    goal: least === undefined ? 'none' : `>= ${least} of peer`,
    holds: least === undefined || ratio >= least,
  };
}

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const head = ['case', 'unit', 'ours', 'peer', 'ratio', 'goal', 'holds'];
  const lines = rows.map((each) => [
    each.case,
    each.unit,
    String(each.ours),
    String(each.peer),
    String(each.ratio),
    each.goal,
    each.holds ? 'yes' : 'NO',
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...lines]
    .map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n');
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
