import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { temporaryFolder } from './tmp.ts';

/** A git repository of a test's own. */
export interface GitRepository {
  readonly folder: string;
  readonly url: string;
  /** Writes files and commits them. @returns the commit. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
  git(...words: readonly string[]): Promise<string>;
}

export async function gitRepository(t: Pick<TestContext, 'after'>): Promise<GitRepository> {
  const folder = await temporaryFolder(t);
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  const git = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await execa('git', [...who, ...words], { cwd: folder });
    return stdout;
  };
  await git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    url: `file://${folder}`,
    git,
    async commit(files) {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      await git('add', '--all');
      await git('commit', '--quiet', '--message', 'a change');
      return await git('rev-parse', 'HEAD');
    },
  };
}
