import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** The peers and the client, each of its own release. */
export interface Tools {
  readonly wrk: string;
  /** What `wrk` needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nginx: string;
  readonly dockerRegistry: string;
  readonly distribution: string;
}

const cache = new URL('../../.cache/', import.meta.url).pathname;
const packages = ['docker-registry', 'nginx', 'wrk', 'libluajit-5.1-2'];
const distribution = 'github.com/distribution/distribution/v3/cmd/registry@v3.1.2';

/** Unpacks Debian's packages and builds distribution v3 into `.cache`, once; nothing is installed. */
export async function ensureTools(): Promise<Tools> {
  const root = join(cache, 'registry-peers');
  if (!(await exists(root))) {
    const draft = `${root}-${process.pid}`;
    await mkdir(draft, { recursive: true });
    try {
      await execa('apt-get', ['download', ...packages], { cwd: draft });
      for (const name of await readdir(draft))
        if (name.endsWith('.deb')) await execa('dpkg', ['-x', join(draft, name), draft]);
      await execa('go', ['install', '-trimpath', distribution], { env: { GOBIN: draft, GOFLAGS: '' } });
      await rename(draft, root);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  const libraries = (await execa('find', ['-H', root, '-name', 'libluajit-5.1.so.2', '-printf', '%h']))
    .stdout;
  return {
    wrk: join(root, 'usr/bin/wrk'),
    environment: { LD_LIBRARY_PATH: libraries },
    nginx: join(root, 'usr/sbin/nginx'),
    dockerRegistry: join(root, 'usr/bin/docker-registry'),
    distribution: join(root, 'registry'),
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
