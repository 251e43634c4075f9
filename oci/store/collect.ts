import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { algorithmOf, type Digest, type DigestAlgorithm, hexOf, parseDigest } from '../digest.ts';
import { isImageName } from '../names.ts';
import { findFolder } from './openFolder.ts';
import { removeUnnamed } from './prune.ts';
import { namedBlobs } from './push/blobUsers.ts';
import { NamespaceReader } from './reader.ts';
import { removeEmpty, removeFiles } from './remove.ts';
import { callBack, retire } from './retire.ts';
import { listNames, readRegular } from './safeFiles.ts';
import { parseLayer } from './storedLayer.ts';

/** Milliseconds. */
export interface Ages {
  /** For how long a blob must have been unchanged, and unleased, before it may be set aside: builds write blobs first. */
  readonly unused: number;
  /** For how long it is set aside before it is removed. */
  readonly retired: number;
  /** For how long what a killed builder left behind, and what was taken out of service, stays. */
  readonly leftover: number;
}

const hour = 60 * 60 * 1000;
const defaultAges: Ages = { unused: hour, retired: hour, leftover: 24 * hour };

export interface Collected {
  readonly retired: number;
  readonly calledBack: number;
  readonly removed: number;
  /** Bytes of the blobs that were removed. */
  readonly bytes: number;
}

const algorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512'];
/** Names of one folder that are looked at in one run; the next run looks at more, for there are fewer then. */
const limit = 1_000_000;

/**
 * Frees what no manifest of a namespace names any more. In two steps, at least one run apart: a blob is set aside first,
 * where it is still read, and removed when it was needed by nobody all the while. So whoever decided to use it between the
 * look and the deed is right: a lease (a second link) or a manifest brings it back.
 */
export async function collect(
  tree: string,
  ages: Ages = defaultAges,
  now: number = Date.now(),
): Promise<Collected> {
  const sum = { retired: 0, calledBack: 0, removed: 0, bytes: 0 };
  // What a builder that was killed before it gave the tag its image wrote for nobody.
  for (const image of ((await listNames(`${tree}/images`, limit)) ?? []).filter(isImageName))
    await removeUnnamed(tree, image, { now });
  const named = await namedBlobs(tree);
  for (const algorithm of algorithms) {
    for (const digest of await blobsIn(tree, 'retired', algorithm)) {
      const outcome = await settle(tree, digest, named, now - ages.retired);
      if (outcome === 'called back') sum.calledBack += 1;
      else if (outcome !== 'stays') {
        sum.removed += 1;
        sum.bytes += outcome.bytes;
      }
    }
    for (const digest of await blobsIn(tree, 'blobs', algorithm))
      if (
        !named.has(digest) &&
        (await isUnused(tree, digest, now - ages.unused)) &&
        (await retire(tree, digest))
      )
        sum.retired += 1;
  }
  if (sum.removed > 0) await forgetLayers(tree);
  await removeLeftovers(tree, now - ages.leftover);
  return sum;
}

async function blobsIn(tree: string, place: string, algorithm: DigestAlgorithm): Promise<Digest[]> {
  const names = (await listNames(`${tree}/${place}/${algorithm}`, limit)) ?? [];
  return names.map((hex) => parseDigest(`${algorithm}:${hex}`)).filter((digest) => digest !== undefined);
}

/** What becomes of a blob that was set aside. @param before milliseconds since 1970. */
async function settle(
  tree: string,
  digest: Digest,
  named: ReadonlySet<Digest>,
  before: number,
): Promise<'called back' | 'stays' | { readonly bytes: number }> {
  await using folder = await findFolder(tree, 'retired', algorithmOf(digest));
  const stat = await folder?.stat(hexOf(digest));
  if (folder === undefined || stat === undefined) return 'stays';
  if (named.has(digest) || stat.nlink > 1) return (await callBack(tree, digest)) ? 'called back' : 'stays';
  // Setting it aside changed it (ctime), in an earlier run than this one.
  if (stat.ctimeMs >= before) return 'stays';
  return (await folder.remove(hexOf(digest))) ? { bytes: stat.size } : 'stays';
}

async function isUnused(tree: string, digest: Digest, before: number): Promise<boolean> {
  await using folder = await findFolder(tree, 'blobs', algorithmOf(digest));
  const stat = await folder?.stat(hexOf(digest));
  return stat !== undefined && stat.nlink === 1 && stat.ctimeMs < before;
}

/** Removes what is remembered of layers whose blob is gone. */
async function forgetLayers(tree: string): Promise<void> {
  const reader = new NamespaceReader(tree);
  const gone: string[] = [];
  for (const key of (await listNames(`${tree}/layers`, limit)) ?? []) {
    const layer = parseLayer(await readRegular(`${tree}/layers/${key}`, 4096));
    if (layer === undefined || !(await reader.isThere(layer.digest))) gone.push(key);
  }
  await removeFiles(`${tree}/layers`, gone);
}

async function removeLeftovers(tree: string, before: number): Promise<void> {
  const isOld = ({ ctimeMs }: Stats): boolean => ctimeMs < before;
  for (const place of ['trash', 'tmp'])
    await removeFiles(`${tree}/${place}`, (await listNames(`${tree}/${place}`, limit)) ?? [], isOld);
  const progress = (await listNames(`${tree}/progress`, limit)) ?? [];
  // Those of images, which begin with `_`, go with their image.
  await removeFiles(
    `${tree}/progress`,
    progress.filter((name) => !name.startsWith('_')),
    isOld,
  );
  for (const pod of (await listNames(`${tree}/leases`, limit)) ?? []) {
    const folder = `${tree}/leases/${pod}`;
    // A lease is a link to a blob and has the blob's times: those of the folder tell when the last one was taken.
    const stat = await lstat(folder).catch(() => undefined);
    if (stat === undefined || !isOld(stat)) continue;
    await removeFiles(folder, (await listNames(folder, limit)) ?? []);
    await removeEmpty(folder);
  }
}
