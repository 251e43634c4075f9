/** Something wrong in what a person wrote, and where. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly place?: Place;
  readonly message: string;
  /** Whether what is wrong is that the file is not there. */
  readonly missing?: boolean;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** `examples/x.yaml:7:8: data.tag is ...` */
export function formatProblem({ file, place, message }: Problem): string {
  return `${place === undefined ? file : showPlace(file, place)}: ${message}`;
}

/** `examples/x.yaml:7:8` */
export function showPlace(file: string, { line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** In the order in which a person reads: by file as given, then by place. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  const rank = new Map(files.map((file, index) => [file, index]));
  return problems.toSorted(
    (a, b) =>
      (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

/** All problems, one a line, the count last. */
export function problemReport(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [...sortProblems(problems).map(formatProblem), count, ''].join('\n');
}
