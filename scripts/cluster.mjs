import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { makeControlGroups } from './cluster/controlGroups.mjs';
import { isolated, runFor } from './cluster/isolated.mjs';
import { showFailures, showLogs } from './cluster/logs.mjs';
import { whyNotHere } from './cluster/notHere.mjs';
import { startSweeper } from './cluster/sweeper.mjs';
import { SetUpError } from './setup/command.mjs';
import { pinnedNode } from './setup/npm.mjs';
import { bin, root, setUp } from './setup.mjs';

/** The exit code of what cannot be done on this machine. */
const notHere = 77;
/** Seconds that the stages may take; from an empty cache two of them, side by side, take some six minutes. */
const limits = { programs: 900, images: 600, tests: 1080 };

/**
 * npm run test:cluster [-- FILE...]: a Kubernetes cluster of one node on this machine, and the tests on it. It runs in
 * namespaces of its own (network, mounts, processes), so that all it starts, mounts and opens goes with them.
 * @param {readonly string[]} words files, and words for node that begin with `-`; or `--program`, a file and its words.
 * @returns {Promise<number>} the exit code.
 */
async function cluster(words) {
  const path = [
    dirname(pinnedNode(root)),
    join(root, 'node_modules/.bin'),
    bin,
    process.env['PATH'],
    '/usr/local/go/bin',
    '/usr/sbin',
    '/sbin',
  ];
  const environment = { ...process.env, PATH: path.join(delimiter) };
  const reason = await whyNotHere(environment);
  if (reason !== undefined) {
    console.log(`cluster: skipped: ${reason}`);
    return notHere;
  }
  await setUp({ nix: true, tests: true });
  process.chdir(root);
  const folder = await mkdtemp(join(tmpdir(), 'niximage-run-'));
  const controlGroup = `niximage-cluster-${process.pid}`;
  const sweeper = startSweeper(folder, controlGroup);
  try {
    return await prepareAndTest(words, { folder, controlGroup, environment });
  } finally {
    await sweeper.sweep();
  }
}

/**
 * @param {readonly string[]} words
 * @param {{ folder: string, controlGroup: string, environment: NodeJS.ProcessEnv }} place
 */
async function prepareAndTest(words, { folder, controlGroup, environment }) {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopped.abort());
  const [logs, temporary] = [join(folder, 'logs'), join(folder, 'tmp')];
  for (const each of [logs, temporary]) await mkdir(each);
  // apt works as a user of its own.
  await chmod(folder, 0o755);
  await chmod(temporary, 0o1777);
  const env = {
    ...environment,
    TMPDIR: temporary,
    NIXIMAGE_TEST_CONTROL_GROUP: controlGroup,
    NIXIMAGE_TEST_LOGS: logs,
    NIXIMAGE_TEST_PREPARED: join(folder, 'prepared.json'),
  };
  const node = pinnedNode(root);
  /** @param {'programs' | 'images'} what */
  const prepare = async (what) => {
    const program = isolated({ network: true }, [node, 'tests/cluster/prepare.ts', what]);
    const options = { env, seconds: limits[what], what: `Building ${what}`, signal: stopped.signal };
    const code = await runFor(program, options);
    // Where one fails, the other need not go on.
    if (code !== 0) stopped.abort();
    return code;
  };
  const codes = await Promise.all([prepare('programs'), prepare('images')]);
  if (codes.some((code) => code !== 0)) return 1;

  await makeControlGroups('/sys/fs/cgroup', controlGroup);
  const options = { env, seconds: limits.tests, what: 'The tests', signal: stopped.signal };
  const failures = join(folder, 'failures');
  const inside = [pinnedNode(root), 'tests/cluster/inNamespaces.ts', ...nodeWords(words, failures)];
  const code = await runFor(isolated({ network: false }, inside), options);
  if (code !== 0 && !stopped.signal.aborted) {
    await showLogs(logs, join(root, '.cache/cluster/logs'));
    await showFailures(failures);
  }
  return code;
}

/**
 * What node is to run: the tests, or after `--program` what is named there, with its own words.
 * @param {readonly string[]} words
 * @param {string} failures the file that gets the failed tests.
 */
function nodeWords(words, failures) {
  const [first, ...program] = words;
  if (first === '--program') return program;
  const files = words.filter((word) => !word.startsWith('-'));
  return [
    '--test',
    '--test-concurrency=2',
    `--test-timeout=${limits.tests * 1000}`,
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=dot', `--test-reporter-destination=${failures}`],
    ...words.filter((word) => word.startsWith('-')),
    ...(files.length === 0 ? ['tests/cluster/*.test.ts'] : files),
  ];
}

try {
  process.exitCode = await cluster(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
