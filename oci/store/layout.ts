import { join } from 'node:path';
import { algorithmOf, type Digest, hexOf } from '../digest.ts';

/** Where things are in the store; docs/architecture.md shows the whole tree. Names are checked before they come here. */
export const markerFile = '_marker.json';
export const namespaceFile = '_namespace.json';

/** Folders that each namespace's tree has from the start. */
export const treeFolders = [
  'blobs/sha256',
  'images',
  'layers',
  'progress',
  'leases',
  'tmp',
  'trash',
] as const;

export function blobPath(tree: string, digest: Digest): string {
  return join(tree, 'blobs', algorithmOf(digest), hexOf(digest));
}

/** A blob that nothing needed when the collector looked: read as if it were in its place, until it is removed. */
export function retiredPath(tree: string, digest: Digest): string {
  return join(tree, 'retired', algorithmOf(digest), hexOf(digest));
}

export function imageFolder(tree: string, name: string): string {
  return join(tree, 'images', name);
}

export function manifestsFolder(tree: string, name: string): string {
  return join(tree, 'images', name, 'manifests/sha256');
}

export function manifestPath(tree: string, name: string, digest: Digest): string {
  return join(tree, 'images', name, 'manifests', algorithmOf(digest), hexOf(digest));
}

/** A manifest that a client pushed: apart from those of builds, which are pruned with their tags. */
export function pushedPath(tree: string, name: string, digest: Digest): string {
  return join(tree, 'images', name, 'pushed', algorithmOf(digest), hexOf(digest));
}

/** One small file for each manifest that names `subject` as its subject. */
export function referrersFolder(tree: string, name: string, subject: Digest): string {
  return join(tree, 'images', name, 'referrers', referrerName(subject));
}

/** A digest as a file name of its own. */
export function referrerName(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest)}`;
}

export function tagsFolder(tree: string, name: string): string {
  return join(tree, 'images', name, 'tags');
}

export function tagFolder(tree: string, name: string, tag: string): string {
  return join(tagsFolder(tree, name), tag);
}

export function layerPath(tree: string, key: string): string {
  return join(tree, 'layers', key);
}

export function progressPath(tree: string, pod: string): string {
  return join(tree, 'progress', `${pod}.json`);
}

/** How far the image is; no Pod's name begins like this. */
export function newsName(image: string): string {
  return `_${image}.json`;
}

export function leaseFolder(tree: string, pod: string): string {
  return join(tree, 'leases', pod);
}
