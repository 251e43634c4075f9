import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { isThere } from '../../support/isThere.ts';
import { stage } from './stage.ts';

/** Kubernetes 1.34 is the last release whose kubelet takes cgroup v1 without being asked to. */
const version = '1.34.4';

/** Links to the one program that is all of them. */
const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubelet'];
/** What is built, each from the folder of its name; the first is that program. */
const programs = ['kubernetes', 'kubectl'] as const;

const cache = fileURLToPath(new URL('../../../.cache/cluster/', import.meta.url));
const sources = fileURLToPath(new URL('kubernetes/', import.meta.url));

/** The folder that holds Kubernetes' programs, with a slash at its end; `buildKubernetes` makes it. */
export async function kubernetesPrograms(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ parts, goEnvironment, buildFlags }));
  for (const program of programs) hash.update(await readFile(`${sources}${program}/main.go`));
  return `${cache}kubernetes-${version}-${hash.digest('hex').slice(0, 12)}/`;
}

/** Builds them from the Go module proxy where they are not in the project's cache: 200 MB, and 3 GB in Go's own. */
export async function buildKubernetes(): Promise<void> {
  const folder = await kubernetesPrograms();
  if (await isThere(folder)) return;
  const work = await mkdtemp(join(tmpdir(), 'niximage-kubernetes-'));
  const draft = `${cache}draft-${randomUUID()}`;
  try {
    await buildInto(`${work}/`);
    await mkdir(cache, { recursive: true });
    // What earlier versions left, and what was ended.
    for (const old of await readdir(cache))
      if (/^(kubernetes|draft)-/.test(old)) await rm(cache + old, { recursive: true });
    await cp(work, draft, { recursive: true, verbatimSymlinks: true });
    await rename(draft, folder);
  } finally {
    for (const each of [work, draft]) await rm(each, { recursive: true, force: true });
  }
}

async function buildInto(folder: string): Promise<void> {
  const source = `${folder}source/`;
  await mkdir(source);
  await stage('Kubernetes: its modules', () => downloadModules(source));
  await stage('Kubernetes: its programs', () =>
    execa('go', ['build', ...buildFlags, '-o', folder, ...programs.map((program) => `./${program}`)], {
      cwd: source,
      env: goEnvironment,
    }),
  );
  for (const part of parts) await symlink(programs[0], folder + part);
  await rm(source, { recursive: true });
}

async function downloadModules(source: string): Promise<void> {
  const module = `k8s.io/kubernetes@v${version}`;
  const { stdout } = await execa('go', ['mod', 'download', '-json', module], { env: goEnvironment });
  const { GoMod, Dir }: { GoMod: string; Dir: string } = JSON.parse(stdout);
  await writeFile(`${source}go.mod`, goMod(await readFile(GoMod, 'utf8')));
  // What Kubernetes itself was checked against; of its own modules alone Go has to ask.
  await writeFile(`${source}go.sum`, await readFile(`${Dir}/go.sum`));
  await cp(sources, source, { recursive: true });
  await execa('go', ['list', '-deps', './...'], { cwd: source, env: goEnvironment });
}

/** Kubernetes' own go.mod replaces each staging module by a folder; outside its tree they come from the proxy. */
function goMod(original: string): string {
  const staging = [...original.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)];
  const replaces = staging.map(([, module]) => `\t${module} => ${module} v${version.replace(/^1\./, '0.')}`);
  return [
    'module niximage.invalid/cluster',
    '',
    'go 1.24.0',
    '',
    `require k8s.io/kubernetes v${version}`,
    '',
    'replace (',
    ...replaces,
    ')',
    '',
  ].join('\n');
}

/**
 * `-mod=mod` takes what is needed; `go mod tidy` would download what the tests of all modules need as well. A compiler
 * that collects garbage less often, and writes nothing for debuggers, takes a fifth less.
 */
const goEnvironment = {
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=mod -trimpath -buildvcs=false',
  GOGC: '300',
  GOWORK: 'off',
};

const buildFlags = ['-gcflags=all=-dwarf=false', `-ldflags=${linkerFlags()}`];

/** Without a version kubectl and the kubelet fail to parse their own. */
function linkerFlags(): string {
  const [major, minor] = version.split('.');
  const of = (name: string) =>
    `-X ${name}.gitVersion=v${version} -X ${name}.gitMajor=${major} -X ${name}.gitMinor=${minor}`;
  return `-s -w ${of('k8s.io/component-base/version')} ${of('k8s.io/client-go/pkg/version')}`;
}
