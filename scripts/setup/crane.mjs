import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere, quietly, SetUpError } from './command.mjs';
import { install } from './debian.mjs';

/** The newest version was not taken: this one is built by Debian 12's Go 1.19 as well. */
const crane = 'github.com/google/go-containerregistry/cmd/crane@v0.19.1';

/**
 * Builds crane, which Debian 12 does not have, into a folder; done once.
 * @param {string} bin
 * @param {(line: string) => void} say
 */
export async function ensureCrane(bin, say) {
  if (
    await access(join(bin, 'crane')).then(
      () => true,
      () => false,
    )
  )
    return;
  if (!(await isThere('go'))) {
    if (!(await isThere('apt-get')) || process.getuid?.() !== 0)
      throw new SetUpError(
        'go (builds crane, which pulls images) is missing: install it from https://go.dev/dl, then start again.',
      );
    say('Installing golang-go with apt.');
    await install(['golang-go']);
  }
  say('Building crane, once.');
  const draft = join(bin, `draft-${process.pid}`);
  await mkdir(draft, { recursive: true });
  try {
    await quietly('go', ['install', '-trimpath', crane], {
      env: { GOBIN: draft, GOFLAGS: '', GOTOOLCHAIN: 'local' },
    });
    await rename(join(draft, 'crane'), join(bin, 'crane'));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
