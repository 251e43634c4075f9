import { setTimeout as delay } from 'node:timers/promises';

/** What the registry says on the NodePort of this node: how containerd asks it. */
export interface Served {
  readonly status: number;
  readonly digest: string | null;
}

const headers = {
  accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
};

/** @param path below `/v2/`. */
export async function served(path: string): Promise<Served> {
  const answer = await fetch(`http://localhost:30500/v2/${path}`, { headers });
  await answer.arrayBuffer();
  return { status: answer.status, digest: answer.headers.get('docker-content-digest') };
}

/** Digests of the layers of an image. */
export async function layersOf(repository: string, reference: string): Promise<string[]> {
  const answer = await fetch(`http://localhost:30500/v2/${repository}/manifests/${reference}`, { headers });
  const { layers }: { layers: readonly { digest: string }[] } = JSON.parse(await answer.text());
  return layers.map(({ digest }) => digest);
}

/** Asks for a tag a hundred times a second until it is told to stop. @returns each answer that differs from the one before. */
export function keepAsking(path: string): () => Promise<Served[]> {
  const answers: Served[] = [];
  const stop = new AbortController();
  const asking = (async () => {
    while (!stop.signal.aborted) {
      const answer = await served(path);
      const last = answers.at(-1);
      if (answer.status !== last?.status || answer.digest !== last.digest) answers.push(answer);
      // Without a pause both would take a processor from the builds.
      await delay(10);
    }
  })();
  return async () => {
    stop.abort();
    await asking;
    return answers;
  };
}
