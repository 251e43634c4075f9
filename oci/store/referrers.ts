import type { Digest } from '../digest.ts';
import { manifestLimit } from '../manifest.ts';
import { isImageName } from '../names.ts';
import { parseReferrer, type Referrer } from '../referrer.ts';
import * as layout from './layout.ts';
import { listNames, readRegular } from './safeFiles.ts';

/** Most referrers that are read of one subject. */
const limit = 10_000;

/** The manifests of an image that name `subject` as their subject, in the order of their names. */
export async function readReferrers(tree: string, image: string, subject: Digest): Promise<Referrer[]> {
  if (!isImageName(image)) return [];
  const folder = layout.referrersFolder(tree, image, subject);
  const referrers: Referrer[] = [];
  for (const name of ((await listNames(folder, limit)) ?? []).sort()) {
    const bytes = await readRegular(`${folder}/${name}`, manifestLimit);
    const referrer = bytes === undefined ? undefined : parseReferrer(bytes);
    if (referrer !== undefined && layout.referrerName(referrer.digest) === name) referrers.push(referrer);
  }
  return referrers;
}
