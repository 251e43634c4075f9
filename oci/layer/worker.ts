import { closeSync, createReadStream, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { CodedError, messageOf } from '../../runtime/errors.ts';
import { storeTar } from '../tar/storeTar.ts';
import { ChunkPool, chunkSize } from './chunkPool.ts';
import type { LayerJob } from './job.ts';
import { type PackedLayer, packLayer } from './pack.ts';

/** What a worker thread says of its job. An error crosses as its parts, for a class does not survive the way. */
export type WorkerMessage =
  /** How much of the tar it has read; said a few times a second, and at its end. */
  | { readonly kind: 'Read'; readonly bytes: number }
  | { readonly kind: 'Done'; readonly layer: PackedLayer }
  | { readonly kind: 'Failed'; readonly code: string; readonly message: string };

const pauseMilliseconds = 200;

const port = parentPort;
port?.on('message', (job: LayerJob) => {
  run(job, (message) => port.postMessage(message)).then(
    (message) => port.postMessage(message),
    (error: unknown) => port.postMessage(failure(error)),
  );
});

async function run(job: LayerJob, say: (message: WorkerMessage) => void): Promise<WorkerMessage> {
  const file = openSync(job.output, 'r+');
  try {
    const pool = new ChunkPool();
    const chunks = counted(chunksOf(job.tar, pool), (bytes) => say({ kind: 'Read', bytes }));
    const layer = await packLayer(chunks, file, job.compression, (chunk) => pool.give(chunk));
    return { kind: 'Done', layer };
  } finally {
    closeSync(file);
  }
}

async function* counted(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  let next = performance.now() + pauseMilliseconds;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    if (performance.now() < next) continue;
    next = performance.now() + pauseMilliseconds;
    onRead(bytes);
  }
  onRead(bytes);
}

function chunksOf(tar: LayerJob['tar'], pool: ChunkPool): Iterable<Buffer> | AsyncIterable<Buffer> {
  switch (tar.kind) {
    case 'StorePaths':
      return storeTar(tar, pool);
    case 'TarFile':
      return createReadStream(tar.path, { highWaterMark: chunkSize });
  }
}

function failure(error: unknown): WorkerMessage {
  const system = error instanceof Error && 'code' in error ? String(error.code) : '';
  return {
    kind: 'Failed',
    code: error instanceof CodedError ? String(error.code) : system,
    message: messageOf(error),
  };
}
