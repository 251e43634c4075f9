import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Pushes, attaches, lists and pulls with oras, as signatures and SBOMs are. @returns what went wrong; nothing where all is well. */
export async function tryOras(
  oras: string,
  folder: string,
  { host, token, repository }: { readonly host: string; readonly token: string; readonly repository: string },
): Promise<readonly string[]> {
  const image = `${host}/${repository}:oras`;
  const sbom = 'application/spdx+json';
  const run = async (...words: string[]): Promise<string> =>
    (await execa(oras, [...words, '--plain-http', '--username=any', `--password=${token}`], { cwd: folder }))
      .stdout;
  try {
    await writeFile(join(folder, 'file.txt'), 'content');
    await writeFile(join(folder, 'sbom.json'), '{}');
    await run('push', image, 'file.txt:text/plain');
    await run('attach', `--artifact-type=${sbom}`, image, 'sbom.json:application/json');
    const { manifests }: { manifests?: { artifactType?: string; digest?: string }[] } = JSON.parse(
      await run('discover', '--format=json', `--artifact-type=${sbom}`, image),
    );
    const target = join(folder, 'pulled');
    await mkdir(target);
    await run('pull', `--output=${target}`, `${host}/${repository}@${manifests?.[0]?.digest}`);
    const same = (await readFile(join(target, 'sbom.json'), 'utf8')) === '{}';
    return same && manifests?.length === 1 ? [] : ['oras: the attached file is not the one that came back'];
  } catch (error) {
    return [`oras: ${error instanceof Error ? error.message : String(error)}`];
  }
}
