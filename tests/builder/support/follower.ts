import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { parseDigest } from '../../../oci/digest.ts';
import { manifestsFolder } from '../../../oci/store/layout.ts';
import { NamespaceReader } from '../../../oci/store/reader.ts';
import { listNames } from '../../../oci/store/safeFiles.ts';

/**
 * Reads a namespace's tree as the registry does, over and over, until it is stopped: every manifest and every tag that it
 * sees must have all its blobs.
 */
export class Follower {
  readonly #reader: NamespaceReader;
  readonly #tree: string;
  readonly #image: string;
  readonly #tag: string;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  /** How often it read all there was. */
  rounds = 0;

  constructor(tree: string, image: string, tag: string) {
    this.#tree = tree;
    this.#image = image;
    this.#tag = tag;
    this.#reader = new NamespaceReader(tree);
    this.#running = this.#follow();
    // It is awaited by `stop`.
    this.#running.catch(() => {});
  }

  /** @throws {AssertionError} where it saw what was not complete. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #follow(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#manifests();
      await this.#tags();
      this.rounds += 1;
      await delay(1);
    }
  }

  async #manifests(): Promise<void> {
    for (const hex of (await listNames(manifestsFolder(this.#tree, this.#image), 1000)) ?? []) {
      const digest = parseDigest(`sha256:${hex}`);
      assert.ok(digest, `${hex} among the manifests`);
      const manifest = await this.#reader.readManifest(this.#image, digest);
      assert.ok(manifest, `the manifest ${digest} is not whole`);
      for (const blob of manifest.blobs)
        assert.equal(await this.#reader.blobSize(blob.digest), blob.size, `a blob of ${digest}`);
    }
  }

  async #tags(): Promise<void> {
    for (const publication of await this.#reader.publications(this.#image, this.#tag))
      assert.ok(
        await this.#reader.isComplete(this.#image, publication),
        `${publication.ordinal} is not complete`,
      );
  }
}
