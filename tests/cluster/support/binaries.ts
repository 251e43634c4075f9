import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { hasErrno } from '../../../runtime/errors.ts';

/** Kubernetes 1.34 is the last release whose kubelet takes cgroup v1 without being asked to. */
const version = '1.34.4';

const programs = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
] as const;

const cache = fileURLToPath(new URL('../../../.cache/cluster/', import.meta.url));

/**
 * The folder that holds Kubernetes' programs, built once from the Go module proxy and kept in the project's cache
 * (some five minutes on two cores, 500 MB; 3 GB in Go's own build cache).
 */
export async function kubernetesPrograms(): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify({ version, programs, flags: linkerFlags() }))
    .digest('hex')
    .slice(0, 12);
  const folder = `${cache}kubernetes-${version}-${key}/`;
  if (await isThere(`${folder}complete`)) return folder;
  const work = `${cache}build-${process.pid}/`;
  await mkdir(work, { recursive: true });
  try {
    console.log(`# building Kubernetes ${version} from the Go module proxy, once: some five minutes`);
    await buildInto(work);
    await writeFile(`${work}complete`, '');
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

async function buildInto(folder: string): Promise<void> {
  const source = `${folder}source/`;
  await mkdir(source);
  await writeFile(`${source}go.mod`, await goMod());
  const imports = programs.map((program) => `\t_ "k8s.io/kubernetes/cmd/${program}"`).join('\n');
  await writeFile(`${source}tools.go`, `//go:build tools\n\npackage tools\n\nimport (\n${imports}\n)\n`);
  await execa('go', ['mod', 'tidy'], { cwd: source });
  const packages = programs.map((program) => `k8s.io/kubernetes/cmd/${program}`);
  await execa('go', ['build', '-trimpath', '-ldflags', linkerFlags(), '-o', folder, ...packages], {
    cwd: source,
  });
  await rm(source, { recursive: true });
}

/** Kubernetes' own go.mod replaces each staging module by a folder; outside its tree they come from the proxy. */
async function goMod(): Promise<string> {
  const { stdout } = await execa('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`]);
  const { GoMod }: { GoMod: string } = JSON.parse(stdout);
  const staging = [...(await readFile(GoMod, 'utf8')).matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)];
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

/** Without a version kubectl and the kubelet fail to parse their own. */
function linkerFlags(): string {
  const [major, minor] = version.split('.');
  const of = (name: string) =>
    `-X ${name}.gitVersion=v${version} -X ${name}.gitMajor=${major} -X ${name}.gitMinor=${minor}`;
  return `-s -w ${of('k8s.io/component-base/version')} ${of('k8s.io/client-go/pkg/version')}`;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
