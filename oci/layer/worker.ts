import { closeSync, createReadStream, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { CodedError, messageOf } from '../../runtime/errors.ts';
import { storeTar } from '../tar/storeTar.ts';
import type { LayerJob } from './job.ts';
import { type PackedLayer, packLayer } from './pack.ts';

/** What a worker thread answers. An error crosses as its parts, for a class does not survive the way. */
export type WorkerAnswer =
  | { readonly ok: true; readonly layer: PackedLayer }
  | { readonly ok: false; readonly code: string; readonly message: string };

const port = parentPort;
port?.on('message', (job: LayerJob) => {
  run(job).then(
    (answer) => port.postMessage(answer),
    (error: unknown) => port.postMessage(failure(error)),
  );
});

async function run(job: LayerJob): Promise<WorkerAnswer> {
  const file = openSync(job.output, 'r+');
  try {
    return { ok: true, layer: await packLayer(chunksOf(job.tar), file, job.compression) };
  } finally {
    closeSync(file);
  }
}

function chunksOf(tar: LayerJob['tar']): Iterable<Buffer> | AsyncIterable<Buffer> {
  switch (tar.kind) {
    case 'StorePaths':
      return storeTar(tar);
    case 'TarFile':
      return createReadStream(tar.path, { highWaterMark: 256 * 1024 });
  }
}

function failure(error: unknown): WorkerAnswer {
  const system = error instanceof Error && 'code' in error ? String(error.code) : '';
  return {
    ok: false,
    code: error instanceof CodedError ? String(error.code) : system,
    message: messageOf(error),
  };
}
