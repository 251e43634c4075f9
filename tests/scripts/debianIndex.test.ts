import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIndex, parseUris } from '../../scripts/packages/debianIndex.mjs';

test("a stanza of Debian's index: versions, architectures and continued lines are read past", () => {
  const text = `Package: curl
Version: 7.88.1-10
Depends: libc6 (>= 2.34), libcurl4:any (= 7.88.1-10) | libcurl-alt [amd64],
 zlib1g
Pre-Depends: dpkg
Provides: a, b (= 2)
Description: a line: with a colon
 Depends: not-a-field

Package: hello
Version: 2.10
`;
  assert.deepEqual(parseIndex(text), [
    {
      name: 'curl',
      version: '7.88.1-10',
      provides: ['a', 'b'],
      depends: [['dpkg'], ['libc6'], ['libcurl4', 'libcurl-alt'], ['zlib1g']],
    },
    { name: 'hello', version: '2.10', provides: [], depends: [] },
  ]);
});

test("apt's list of files: an epoch is escaped, other lines are passed over", () => {
  const hash = 'a'.repeat(64);
  const text = `Reading...
'http://mirror/pool/git_2.39_amd64.deb' git_1%3a2.39_amd64.deb 7264380 SHA256:${hash}
'http://mirror/old.deb' old_1_all.deb 3 MD5Sum:00
`;
  assert.deepEqual(parseUris(text), new Map([['git', { file: 'git_1%3a2.39_amd64.deb', sha256: hash }]]));
});
