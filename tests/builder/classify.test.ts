import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classify } from '../../builder/nix/classify.ts';
import { parseNixLine } from '../../builder/nix/event.ts';
import { EvidenceCollector } from '../../builder/nix/evidence.ts';
import type { FailureReason } from '../../runtime/contract/report.ts';

interface Row {
  readonly reason: string;
  readonly errors?: readonly string[];
  readonly trace?: readonly string[];
  readonly raw?: readonly string[];
  readonly log?: readonly string[];
  readonly code?: number;
  readonly signal?: string;
  readonly want: FailureReason;
  readonly transient?: boolean;
  readonly missing?: string;
  readonly found?: string;
  readonly entry?: number;
}

const drv = '/nix/store/d8srfk0lbwx2cwi1ipgb3kp0f478n7q9-broken-1.drv';
const entry3 = ['while evaluating', 'niximage:contents:3', 'from call site'];

const rows: readonly Row[] = [
  {
    reason: 'both: a name that `with` does not find',
    errors: ["undefined variable '\u001b[35;1mcrul\u001b[0m'"],
    trace: entry3,
    want: 'UnknownAttribute',
    missing: 'crul',
    entry: 3,
  },
  {
    reason: 'both: a path whose attribute is missing',
    errors: ["attribute 'crul' missing"],
    trace: entry3,
    want: 'UnknownAttribute',
    missing: 'crul',
    entry: 3,
  },
  {
    reason: 'a name missing outside of contents is nobody’s entry',
    errors: ["undefined variable 'lib'"],
    want: 'EvaluationFailed',
  },
  {
    reason: 'an entry that is a set, by the builder’s own check',
    errors: ['niximage:contents:3: is not a package but a set'],
    want: 'NotAPackage',
    found: 'a set of attributes',
    entry: 3,
  },
  {
    reason: 'a number, which Nix itself would accept',
    errors: ['niximage:contents:0: is not a package but a int'],
    want: 'NotAPackage',
    found: 'a number',
    entry: 0,
  },
  {
    reason: 'a throw has no position; its entry is known by the trace',
    errors: ['no such luck'],
    trace: entry3,
    want: 'EvaluationFailed',
    entry: 3,
  },
  { reason: '2.8: an assertion', errors: ["assertion '(a == b)' failed"], want: 'EvaluationFailed' },
  { reason: '2.26: an assertion', errors: ['1 is not equal to 2'], want: 'EvaluationFailed' },
  { reason: 'a syntax error', errors: ["syntax error, unexpected '}'"], want: 'EvaluationFailed' },
  { reason: 'recursion', errors: ['infinite recursion encountered'], want: 'EvaluationFailed' },
  {
    reason: 'no nixpkgs on the path',
    errors: ["file 'nixpkgs' was not found in the Nix search path (add it using $NIX_PATH or -I)"],
    want: 'EvaluationFailed',
  },
  {
    reason: 'older nixpkgs: unfree',
    errors: ['Package ‘N’ in F:12 has an unfree license (‘unfree’), refusing to evaluate.'],
    trace: entry3,
    want: 'PackageRefused',
    entry: 3,
  },
  {
    reason: 'newer nixpkgs: unfree',
    errors: ["Refusing to evaluate package 'N' in F:12 because it has an unfree license"],
    want: 'PackageRefused',
  },
  {
    reason: 'another platform',
    errors: ['Package ‘N’ in F:1 is not available on the requested hostPlatform:'],
    want: 'PackageRefused',
  },
  {
    reason: 'insecure',
    errors: ['Package ‘N’ in F:1 is marked as insecure, refusing to evaluate.'],
    want: 'PackageRefused',
  },
  {
    reason: 'broken',
    errors: ['Package ‘N’ in F:1 is marked as broken, refusing to evaluate.'],
    want: 'PackageRefused',
  },
  {
    reason: '2.8: a builder fails',
    errors: [
      `builder for '${drv}' failed with exit code 3`,
      `1 dependencies of derivation '/nix/store/x-img.drv' failed to build`,
    ],
    log: ['one', 'two'],
    code: 100,
    want: 'BuildFailed',
  },
  {
    reason: 'an image below that takes all layers',
    errors: [`builder for '${drv}' failed with exit code 1`],
    log: [
      "Error: usedLayers 127 layers to store 'fromImage' and 'extraCommands', but only maxLayers=100 were allowed. At least 1 layer is required to store contents.",
    ],
    code: 100,
    want: 'TooManyLayers',
  },
  ...[
    "unable to download 'https://a.example': SSL peer certificate or SSH remote key was not OK (60)",
    "unable to download 'https://a.example': SSL certificate problem: self-signed certificate (60)",
  ].map(
    (error): Row => ({
      reason: `a certificate that nobody knows stays so: ${error}`,
      errors: [error],
      want: 'FetchFailed',
      transient: false,
    }),
  ),
  {
    reason: '2.26: a builder fails, with the log in the text',
    errors: [`builder for '${drv}' failed with exit code 3;\n last 2 log lines:\n > one\n > two`],
    log: ['one', 'two'],
    code: 100,
    want: 'BuildFailed',
  },
  {
    reason: 'the first failure counts, wherever it stands',
    errors: [
      `1 dependencies of derivation '/nix/store/x-img.drv' failed to build`,
      `builder for '${drv}' failed with exit code 3`,
    ],
    code: 100,
    want: 'BuildFailed',
  },
  {
    reason: 'no output',
    errors: [`builder for '${drv}' failed to produce output path '/nix/store/x'`],
    code: 1,
    want: 'BuildFailed',
  },
  {
    reason: 'another architecture',
    errors: [
      `a 'aarch64-linux' with features {} is required to build '${drv}', but I am a 'x86_64-linux' with features {}`,
    ],
    code: 1,
    want: 'BuildFailed',
  },
  {
    reason: 'not deterministic',
    errors: [`derivation '${drv}' may not be deterministic: output differs`],
    code: 104,
    want: 'BuildFailed',
  },
  {
    reason: 'a builder that fills the disk says so in its log',
    errors: [`builder for '${drv}' failed with exit code 1`],
    log: ['cp: error writing x: No space left on device'],
    code: 100,
    want: 'DiskFull',
    transient: true,
  },
  {
    reason: 'Nix itself meets a full disk',
    errors: ['writing to file: No space left on device'],
    code: 1,
    want: 'DiskFull',
    transient: true,
  },
  {
    reason: '2.8: a host that does not resolve',
    errors: ["unable to download 'https://x.invalid/a': Couldn't resolve host name (6)"],
    want: 'FetchFailed',
    transient: true,
  },
  {
    reason: '2.26: a host that does not resolve',
    errors: ["unable to download 'https://x.invalid/a': Could not resolve hostname (6)"],
    want: 'FetchFailed',
    transient: true,
  },
  {
    reason: 'a source that is gone stays gone',
    errors: ["unable to download 'https://x/a': HTTP error 404"],
    want: 'FetchFailed',
  },
  {
    reason: 'a refused source stays refused',
    errors: ["unable to download 'https://x/a': HTTP error 401"],
    want: 'FetchFailed',
  },
  {
    reason: 'a server in trouble may recover',
    errors: ["unable to download 'https://x/a': HTTP error 503"],
    want: 'FetchFailed',
    transient: true,
  },
  {
    reason: '2.8: git, whose cause is on a raw line',
    errors: ["program 'git' failed with exit code 128"],
    raw: ["fatal: repository 'https://x' not found"],
    want: 'FetchFailed',
  },
  {
    reason: '2.26: git, a branch that is not there',
    errors: ["revspec 'master' not found"],
    want: 'FetchFailed',
  },
  {
    reason: 'a hash in a build',
    errors: [`hash mismatch in fixed-output derivation '${drv}':\n  specified: sha256-A\n     got: sha256-B`],
    code: 102,
    want: 'HashMismatch',
  },
  {
    reason: 'a hash at evaluation',
    errors: ["hash mismatch in file downloaded from 'https://x':\n specified: a\n got: b"],
    code: 102,
    want: 'HashMismatch',
  },
  {
    reason: 'killed for memory',
    errors: [`builder for '${drv}' failed due to signal 9 (Killed)`],
    code: 100,
    want: 'OutOfMemory',
  },
  { reason: 'Nix itself is killed', signal: 'SIGKILL', want: 'OutOfMemory' },
  {
    reason: 'a time limit',
    errors: [`building of '${drv}' timed out after 5 seconds`],
    code: 101,
    want: 'Timeout',
  },
  {
    reason: 'a limit of silence',
    errors: [`building of '${drv}' timed out after 5 seconds of silence`],
    code: 101,
    want: 'Timeout',
  },
  {
    reason: 'nixpkgs wants a newer Nix',
    errors: ['This version of Nixpkgs requires Nix >= 2.18, please upgrade:'],
    want: 'NixUnavailable',
  },
  {
    reason: 'the store belongs to somebody else',
    errors: ["opening lock file '/nix/var/nix/db/big-lock': Permission denied"],
    want: 'NixUnavailable',
  },
  {
    reason: 'no group of builders',
    errors: ["the group 'nixbld' specified in 'build-users-group' does not exist"],
    want: 'NixUnavailable',
  },
  { reason: 'Nix says nothing at all', code: 1, want: 'InternalError' },
  {
    reason: 'Nix says it outside of its own log',
    raw: ["error: creating directory '/nix/var': Permission denied"],
    code: 1,
    want: 'NixUnavailable',
  },
];

function failureOf(row: Row) {
  const collector = new EvidenceCollector();
  const add = (value: unknown): void => collector.add(parseNixLine(`@nix ${JSON.stringify(value)}`));
  add({ action: 'start', id: 7, type: 105, fields: [drv, '', 1, 1], text: '' });
  for (const line of row.log ?? []) add({ action: 'result', id: 7, type: 101, fields: [line] });
  add({ action: 'msg', level: 1, msg: 'warning: unable to download x' });
  for (const error of row.errors ?? [])
    add({
      action: 'msg',
      level: 0,
      msg: `error: ${error}`,
      raw_msg: error,
      trace: row.trace?.map((raw_msg) => ({ raw_msg })),
    });
  add({ action: 'msg', level: 0, msg: "(use '--show-trace' to show detailed location information)" });
  for (const line of row.raw ?? []) collector.add(parseNixLine(line));
  return classify(collector.evidence(), {
    code: row.code ?? (row.signal === undefined ? 1 : undefined),
    signal: row.signal,
  });
}

describe('classify', () => {
  for (const row of rows)
    test(row.reason, () => {
      const failure = failureOf(row);
      assert.equal(failure.reason, row.want, failure.text);
      assert.equal(failure.transient, row.transient ?? false);
      assert.equal(failure.missing, row.missing);
      assert.equal(failure.found, row.found);
      assert.equal(failure.entry, row.entry);
      assert.doesNotMatch(failure.text, /\u001b|\n/);
      if (row.want === 'BuildFailed' && row.log !== undefined) {
        assert.equal(failure.derivation, drv);
        assert.deepEqual(failure.logTail, row.log);
      }
    });

  test('git’s own words are in the text', () => {
    const row = rows.find((each) => each.raw?.[0]?.startsWith('fatal:'));
    assert.ok(row !== undefined);
    assert.match(failureOf(row).text, /fatal: repository/);
  });
});
