import { randomUUID } from 'node:crypto';
import { algorithmOf, type Digest, hexOf } from '../../digest.ts';
import type { Reference } from '../../referrer.ts';
import { StoreError } from '../errors.ts';
import * as layout from '../layout.ts';
import { findFolder, makeFolder } from '../openFolder.ts';
import { encodePublication, publicationName } from '../publication.ts';
import { NamespaceReader } from '../reader.ts';
import { callBack } from '../retire.ts';
import { findUsers } from './blobUsers.ts';
import { writeNew } from './newFile.ts';
import { isPushed, type PushedManifest, pushedPublication } from './pushedTag.ts';
import { Uploads } from './uploads.ts';

/** What became of a deletion. `Built`: a NixImage's build made it, and it goes with the NixImage. */
export type Deletion =
  | { readonly kind: 'Deleted' }
  | { readonly kind: 'Missing' }
  | { readonly kind: 'Built' }
  /** `by` is what needs the blob, for a person. */
  | { readonly kind: 'Used'; readonly by: string };

/** Writes into a namespace's tree what clients push, and removes it. What builds publish is never changed. */
export class PushTree {
  readonly uploads: Uploads;
  readonly reader: NamespaceReader;
  readonly #tree: string;

  /** @param tree absolute, canonical path. */
  constructor(tree: string) {
    this.#tree = tree;
    this.uploads = new Uploads(tree);
    this.reader = new NamespaceReader(tree);
  }

  /** Writes a manifest whose bytes hash to `digest`, and lists it with its subject. */
  async putManifest(image: string, digest: Digest, bytes: Uint8Array, reference?: Reference): Promise<void> {
    await using folder = await makeFolder(this.#tree, 'images', image, 'pushed', algorithmOf(digest));
    await writeNew(this.#tree, folder, hexOf(digest), bytes);
    if (reference === undefined) return;
    const subject = layout.referrerName(reference.subject);
    await using referrers = await makeFolder(this.#tree, 'images', image, 'referrers', subject);
    const entry = Buffer.from(JSON.stringify(reference.referrer));
    await writeNew(this.#tree, referrers, layout.referrerName(digest), entry);
  }

  /**
   * Gives a tag to a pushed manifest. What it named before stays pullable by digest.
   * @returns false where the tag is a NixImage's.
   */
  async putTag(image: string, tag: string, manifest: PushedManifest): Promise<boolean> {
    const [newest, ...older] = await this.reader.publications(image, tag);
    if (newest !== undefined && !isPushed(newest)) return false;
    if (newest?.digest === manifest.digest) return true;
    const publication = pushedPublication(manifest, (newest?.ordinal ?? 0) + 1);
    await using folder = await makeFolder(this.#tree, 'images', image, 'tags', tag);
    await writeNew(this.#tree, folder, publicationName(publication), encodePublication(publication));
    for (const old of newest === undefined ? [] : [newest, ...older])
      await folder.remove(publicationName(old));
    return true;
  }

  async deleteTag(image: string, tag: string): Promise<Deletion> {
    const publications = await this.reader.publications(image, tag);
    const [newest] = publications;
    if (newest === undefined) return { kind: 'Missing' };
    if (!isPushed(newest)) return { kind: 'Built' };
    await this.#removePublications(image, tag, () => true);
    return { kind: 'Deleted' };
  }

  /** Removes a pushed manifest, the tags that name it, and its place among the referrers of its subject. */
  async deleteManifest(image: string, digest: Digest, reference?: Reference): Promise<Deletion> {
    await using folder = await findFolder(this.#tree, 'images', image, 'pushed', algorithmOf(digest));
    if (folder === undefined || (await folder.sizeOf(hexOf(digest))) === undefined)
      return { kind: (await this.reader.readManifest(image, digest)) === undefined ? 'Missing' : 'Built' };
    for (const tag of (await this.reader.tagFolders(image)) ?? [])
      await this.#removePublications(image, tag, (named) => named === digest);
    if (reference !== undefined) {
      const subject = layout.referrerName(reference.subject);
      await using referrers = await findFolder(this.#tree, 'images', image, 'referrers', subject);
      await referrers?.remove(layout.referrerName(digest));
    }
    await folder.remove(hexOf(digest));
    return { kind: 'Deleted' };
  }

  /** Whether a blob is there for a manifest to name; one that was set aside is called back. */
  async hasBlob(digest: Digest): Promise<boolean> {
    return (await this.reader.blobSize(digest)) !== undefined || (await callBack(this.#tree, digest));
  }

  /** Takes a blob out of service that no manifest of the namespace names and no running build counts on. */
  async deleteBlob(digest: Digest): Promise<Deletion> {
    if ((await this.reader.blobSize(digest)) === undefined) return { kind: 'Missing' };
    const by = await findUsers(this.#tree, digest);
    if (by !== undefined) return { kind: 'Used', by };
    await using blobs = await findFolder(this.#tree, 'blobs', algorithmOf(digest));
    await using trash = await makeFolder(this.#tree, 'trash');
    const moved = await trash.move(blobs ?? missing(), hexOf(digest), `${hexOf(digest)}-${randomUUID()}`);
    return { kind: moved ? 'Deleted' : 'Missing' };
  }

  async #removePublications(image: string, tag: string, which: (named: Digest) => boolean): Promise<void> {
    await using folder = await findFolder(this.#tree, 'images', image, 'tags', tag);
    for (const publication of await this.reader.publications(image, tag))
      if (isPushed(publication) && which(publication.digest))
        await folder?.remove(publicationName(publication));
    await using tags = await findFolder(this.#tree, 'images', image, 'tags');
    await tags?.removeEmpty(tag);
  }
}

function missing(): never {
  throw new StoreError('CONFLICT', 'the folder of blobs went away while it was used');
}
