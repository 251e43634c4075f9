import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type StoreTar, storeTar } from '../../oci/tar/storeTar.ts';
import { hasErrno } from '../../runtime/errors.ts';
import { temporaryFolder } from '../support/tmp.ts';

const oracle = join(import.meta.dirname, 'oracle.py');

type Node =
  | { readonly kind: 'File' | 'Sparse'; readonly name: Buffer; readonly mode: number; readonly size: number }
  | { readonly kind: 'Symlink'; readonly name: Buffer; readonly target: Buffer }
  | { readonly kind: 'HardLink'; readonly name: Buffer }
  | {
      readonly kind: 'Folder';
      readonly name: Buffer;
      readonly mode: number;
      readonly nodes: readonly Node[];
    };

/** Names that bytes, UTF-16 units and code points order differently, around the 100 characters of a ustar header. */
const texts = ['a', 'a-c', 'a.b', '\u{ff5e}', '\u{1f600}', 'é', '\u{d7ff}'];
const long = ['n'.repeat(40), 'n'.repeat(99), 'n'.repeat(100), 'é'.repeat(90), 'x'.repeat(250)];
/** Overlong, surrogate, too large, cut off, stray: all that UTF-8 refuses, beside what it admits. */
const pieces = [
  [0xed, 0xa0, 0x80],
  [0xc0, 0xaf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0x80],
  [0xff],
  [0x61],
];
const name = fc.oneof(
  fc.stringMatching(/^[a-c+-]{1,3}$/).map((text) => Buffer.from(text)),
  fc.constantFrom(...texts, ...long).map((text) => Buffer.from(text)),
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((all) => Buffer.from(all.flat())),
);
const size = fc.oneof(
  fc.constantFrom(0, 1, 511, 512, 513, 7167, 7168, 7169, 10_239, 10_240, 261_632, 262_144, 300_000),
  fc.nat(3000),
);
const mode = fc.constantFrom(0o644, 0o755, 0o4755, 0o1777, 0o2750, 0o444);
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ kind: fc.constantFrom('File', 'Sparse'), name, mode, size }),
    fc.record({ kind: fc.constant('Symlink'), name, target: name }),
    fc.record({ kind: fc.constant('HardLink'), name }),
    fc.record({ kind: fc.constant('Folder'), name, mode, nodes: fc.array(tie('node'), { maxLength: 5 }) }),
  ),
}));
const style = fc.record({
  mtime: fc.constantFrom(0, 1, 1_000_000_000, 8 ** 11, -5),
  uid: fc.constantFrom(0, 1000, 2_097_151, 2_097_152),
  gid: fc.constantFrom(0, 3_000_000),
  uname: fc.constantFrom('root', 'é', 'u'.repeat(33)),
  gname: fc.constantFrom('', 'root', 'g'.repeat(32)),
});

/** Makes a node; a name that is taken already is left out. Returns the path of a file that can be linked to. */
async function make(folder: Buffer, each: Node, linkable: Buffer | undefined): Promise<Buffer | undefined> {
  const path = Buffer.concat([folder, Buffer.from('/'), each.name]);
  try {
    switch (each.kind) {
      case 'File':
        await writeFile(path, Buffer.alloc(each.size, 'A'), { flag: 'wx' });
        await chmod(path, each.mode);
        return path;
      case 'Sparse':
        await writeFile(path, 'head', { flag: 'wx' });
        await truncate(path, each.size + 8192);
        return path;
      case 'Symlink':
        await symlink(each.target, path);
        return linkable;
      case 'HardLink':
        if (linkable !== undefined) await link(linkable, path);
        return linkable;
      case 'Folder': {
        await mkdir(path);
        let found = linkable;
        for (const child of each.nodes) found = await make(path, child, found);
        await chmod(path, each.mode | 0o700);
        return found;
      }
    }
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return linkable;
    throw error;
  }
}

function pythonTar(order: StoreTar): Buffer {
  const { status, stdout, stderr } = spawnSync('python3', [oracle], {
    input: JSON.stringify(order),
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

describe('the tar of store paths', () => {
  test('has the bytes that Python writes, whatever a store path holds', async (t) => {
    const parent = await temporaryFolder(t);
    const property = fc.asyncProperty(
      fc.array(node, { minLength: 1, maxLength: 4 }),
      style,
      async (nodes, owner) => {
        const storeDir = await mkdtemp(join(parent, 'store-'));
        const paths: string[] = [];
        let linkable: Buffer | undefined;
        for (const [index, each] of nodes.entries()) {
          // A store path's own name is plain; a hard link with nothing to link to makes none.
          const plain = `path${index}`;
          if (each.kind === 'HardLink' && linkable === undefined) continue;
          linkable = await make(Buffer.from(storeDir), { ...each, name: Buffer.from(plain) }, linkable);
          paths.unshift(join(storeDir, plain));
        }
        const order = { storeDir, paths, style: owner };
        assert.ok(Buffer.concat([...storeTar(order)]).equals(pythonTar(order)), 'the bytes differ');
        await rm(storeDir, { recursive: true });
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('a file that grows while it is read is an error that names it', async (t) => {
    const storeDir = await temporaryFolder(t);
    const path = join(storeDir, 'grows');
    await writeFile(path, Buffer.alloc(600_000));
    const chunks = storeTar({
      storeDir,
      paths: [path],
      style: { mtime: 1, uid: 0, gid: 0, uname: '', gname: '' },
    });
    chunks.next();
    await truncate(path, 700_000);
    assert.throws(() => [...chunks], { code: 'CHANGED', message: /grows changed while it was read/ });
  });

  test('a file that shrinks while it is read is an error that names it', async (t) => {
    const storeDir = await temporaryFolder(t);
    const path = join(storeDir, 'shrinks');
    await writeFile(path, Buffer.alloc(600_000));
    const chunks = storeTar({
      storeDir,
      paths: [path],
      style: { mtime: 1, uid: 0, gid: 0, uname: '', gname: '' },
    });
    chunks.next();
    await truncate(path, 300_000);
    assert.throws(() => [...chunks], { code: 'CHANGED', message: /shrinks changed while it was read/ });
  });
});
