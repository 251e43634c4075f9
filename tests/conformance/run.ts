import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { tryCosign } from './cosign.ts';
import { ensureGoTool, hasGo } from './goTools.ts';
import { judge } from './judge.ts';
import { tryOras } from './oras.ts';
import { startServer } from './server.ts';

/**
 * `npm run test:conformance`: the OCI conformance suite, oras, cosign, and a containerd that is newer than Debian's,
 * against the real server. Exit code 77: not possible here.
 */
const bin = new URL('../../.cache/bin', import.meta.url).pathname;
const clientTests = new URL('../registry/clients.test.ts', import.meta.url).pathname;
const namespace = 'conformance';

process.exitCode = await main();

async function main(): Promise<number> {
  if (!(await hasGo())) {
    console.log('conformance: skipped: it needs Go 1.24 or newer, to build the suite and its clients');
    return 77;
  }
  const suite = await ensureGoTool(bin, 'conformance');
  const oras = await ensureGoTool(bin, 'oras');
  const cosign = await ensureGoTool(bin, 'cosign');
  // Not where Debian's is looked for.
  for (const name of ['containerd', 'ctr'] as const) await ensureGoTool(join(bin, 'newer'), name);
  const folder = await mkdtemp(join(tmpdir(), 'niximage-conformance-'));
  try {
    const server = await startServer(folder, namespace);
    try {
      const { stdout, stderr } = await execa(suite, [], {
        cwd: folder,
        reject: false,
        env: {
          OCI_REGISTRY: server.host,
          OCI_TLS: 'disabled',
          OCI_REPO1: `${namespace}/one`,
          OCI_REPO2: `${namespace}/two`,
          OCI_USERNAME: 'anybody',
          OCI_PASSWORD: server.token,
          // The newest rules: with cancelled uploads, digest headers and tags as parameters.
          OCI_VERSION: 'dev',
          OCI_RESULTS_DIR: join(folder, 'results'),
        },
      });
      // A suite that is set up wrongly ends well and writes nothing: what counts is its file.
      const results = await readFile(join(folder, 'results/results.yaml'), 'utf8').catch(() => '');
      const { problems: suiteProblems, summary } = judge(stdout, results);
      const orasProblems = await tryOras(oras, folder, { ...server, repository: `${namespace}/oras` });
      const signed = { ...server, repository: `${namespace}/signed` };
      const cosignProblems = await tryCosign(cosign, oras, folder, signed);
      const problems = [...suiteProblems, ...orasProblems, ...cosignProblems];
      if (problems.length > 0) console.log(stderr);
      console.log([...problems, summary].join('\n'));
      const clients = await execa(process.execPath, ['--test', clientTests], {
        stdio: 'inherit',
        reject: false,
      });
      return problems.length === 0 && clients.exitCode === 0 ? 0 : 1;
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
