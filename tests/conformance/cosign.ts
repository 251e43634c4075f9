import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Without a log of signatures, which is a server elsewhere. */
const sign = ['--yes', '--use-signing-config=false', '--tlog-upload=false'];
const verify = ['--insecure-ignore-tlog=true'];

/**
 * Signs what oras pushed, which adds a referrer, and verifies it: with its key, and with another, which must fail.
 * @returns what went wrong; nothing where all is well.
 */
export async function tryCosign(
  cosign: string,
  oras: string,
  folder: string,
  { host, token, repository }: { readonly host: string; readonly token: string; readonly repository: string },
): Promise<readonly string[]> {
  const work = await mkdtemp(join(folder, 'cosign-'));
  const auth = Buffer.from(`any:${token}`).toString('base64');
  await writeFile(join(work, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  const env = { DOCKER_CONFIG: work, HOME: work, COSIGN_PASSWORD: '' };
  const run = (words: readonly string[]) => execa(cosign, words, { cwd: work, env });
  const image = `${host}/${repository}`;
  try {
    await writeFile(join(work, 'file.txt'), 'signed');
    const access = ['--plain-http', '--username=any', `--password=${token}`];
    const { stdout } = await execa(
      oras,
      ['push', `${image}:v1`, 'file.txt:text/plain', '--format=json', ...access],
      { cwd: work },
    );
    const { digest }: { digest?: string } = JSON.parse(stdout);
    const signed = `${image}@${digest}`;
    for (const name of ['ours', 'another']) await run(['generate-key-pair', `--output-key-prefix=${name}`]);
    await run(['sign', '--key=ours.key', '--allow-http-registry', ...sign, signed]);
    await run(['verify', '--key=ours.pub', '--allow-http-registry', ...verify, signed]);
    const forged = ['verify', '--key=another.pub', '--allow-http-registry', ...verify, signed];
    const isTaken = await run(forged).then(
      () => true,
      () => false,
    );
    return isTaken ? ['cosign: a signature was taken for that of another key'] : [];
  } catch (error) {
    return [`cosign: ${error instanceof Error ? error.message : String(error)}`];
  }
}
