import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** The digest that a tag has in the registry now, or undefined where it is not there. */
export async function digestOf(port: number, name: string, tag: string): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/v2/${name}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json', connection: 'close' },
  });
  await answer.arrayBuffer();
  return answer.ok ? (answer.headers.get('docker-content-digest') ?? undefined) : undefined;
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/**
 * Reads an image whole, as a client does, and checks each blob's digest and size.
 * @returns the number of blobs.
 */
export async function verifyImage(port: number, name: string, tag: string): Promise<number> {
  const base = `http://127.0.0.1:${port}/v2/${name}`;
  const manifest = await fetch(`${base}/manifests/${tag}`, { headers: { connection: 'close' } });
  assert.equal(manifest.status, 200, `${name}:${tag} is served`);
  // The registry's answer to a good request; a wrong shape fails the lines below.
  const { config, layers } = (await manifest.json()) as { config: Descriptor; layers: Descriptor[] };
  for (const { digest, size } of [config, ...layers]) {
    const blob = await fetch(`${base}/blobs/${digest}`, { headers: { connection: 'close' } });
    assert.equal(blob.status, 200, `${digest} of ${name}:${tag} is served`);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    assert.equal(bytes.length, size);
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest);
  }
  return layers.length + 1;
}

/**
 * Reads an image whole again and again, from before it is there. A registry that does not answer is none of its
 * business; an image that is served by halves is.
 */
export function watchServed(port: number, name: string, tag: string): { end(): Promise<void> } {
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      const served = await digestOf(port, name, tag).catch(() => undefined);
      if (served !== undefined)
        await verifyImage(port, name, tag).catch((error: unknown) => {
          if (error instanceof assert.AssertionError) throw error;
        });
      await delay(50, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  // It is awaited at the end; until then a failure is nobody's.
  watching.catch(() => undefined);
  return {
    async end() {
      stopped.abort();
      await watching;
    },
  };
}
