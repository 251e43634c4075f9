import { parse } from 'yaml';

export interface Judgement {
  /** One line each; none where the registry conforms. */
  readonly problems: readonly string[];
  readonly summary: string;
}

/** Groups of the suite that a registry which only reads would leave out without failing. */
const groups: readonly RegExp[] = [
  /^Blob post put$/i,
  /^Blob chunked/i,
  /^Blob delete$/i,
  /^Manifest put by tag$/i,
  /^Manifest delete$/i,
  /^Tag delete$/i,
  /^Referrers$/i,
];

/** Off in the suite by itself: a registry may refuse a manifest whose blobs are not there, and this one does. */
const leftOut = 'Sparse Manifests';

/**
 * Judges a run of the suite.
 * @param report what it printed: it ends with how many tests passed, failed and so on.
 * @param results its results.yaml; empty where it wrote none.
 */
export function judge(report: string, results: string): Judgement {
  const counts = new Map(
    [...report.matchAll(/^ {2}(Disabled|Skip|Pass|FAIL|Error|Total)\.+: +(\d+)$/gm)].map(
      ([, name = '', count]) => [name, Number(count)],
    ),
  );
  const summary = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  if (results === '') return { problems: ['the suite wrote no results.yaml'], summary };
  const apis = statuses(results, 'apis');
  const bad = [...apis, ...statuses(results, 'data')].filter(
    ([name, status]) => status !== 'Pass' && name !== leftOut,
  );
  const missing = groups.filter((group) => !apis.some(([name]) => group.test(name)));
  return {
    problems: [
      ...bad.map(([name, status]) => `${name}: ${status}`),
      ...missing.map((group) => `no group like ${group} was run`),
      ...['FAIL', 'Error', 'Skip']
        .filter((name) => counts.get(name) !== 0)
        .map((name) => `the suite counts: ${name}`),
    ],
    summary,
  };
}

function statuses(yaml: string, part: string): readonly (readonly [name: string, status: string])[] {
  const value: unknown = parse(yaml);
  if (typeof value !== 'object' || value === null || !(part in value)) return [];
  const group: unknown = Object.entries(value).find(([name]) => name === part)?.[1];
  if (typeof group !== 'object' || group === null) return [];
  return Object.entries(group).map(([name, status]) => [name, String(status)]);
}
