import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { messageOf } from '../runtime/errors.ts';
import { BuildError } from './errors.ts';
import { isJsonObject, type JsonObject, stringsOf } from './json.ts';

/** What a docker-archive says of the image in it (https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md). */
export interface ArchiveContents {
  readonly path: string;
  /** In the image's order. `name` is the layer's path in the archive, `diffId` what the configuration claims. */
  readonly layers: readonly { readonly name: string; readonly diffId: string }[];
  /** The image's configuration, as it stands in the archive. */
  readonly config: JsonObject;
}

const largestJson = 8 * 1024 * 1024;

/**
 * Reads what a docker-archive, gzipped or not, says of its image.
 * @throws {BuildError} `BuildFailed` where it is none.
 */
export async function readArchive(path: string): Promise<ArchiveContents> {
  const files = await jsonFiles(path);
  const manifests = files.get('manifest.json');
  const manifest = Array.isArray(manifests) ? manifests[0] : undefined;
  if (!isJsonObject(manifest)) throw notAnArchive(path, 'it has no manifest.json');
  const config = files.get(String(manifest['Config']));
  if (!isJsonObject(config)) throw notAnArchive(path, 'it has no image configuration');
  const rootfs = config['rootfs'];
  const diffIds = isJsonObject(rootfs) ? stringsOf(rootfs['diff_ids']) : [];
  const names = stringsOf(manifest['Layers']);
  if (names.length !== diffIds.length || names.length === 0)
    throw notAnArchive(path, `it has ${names.length} layers and names ${diffIds.length}`);
  return { path, config, layers: names.map((name, index) => ({ name, diffId: diffIds[index] ?? '' })) };
}

/** The entries of an archive one after another; each one's contents are to be read before the next is asked for. */
async function* archiveEntries(
  path: string,
): AsyncGenerator<{ name: string; contents: AsyncIterable<Buffer> }> {
  const file = createReadStream(path);
  const bytes = (await isGzip(path)) ? file.pipe(createGunzip()) : file;
  const entries = bytes.pipe(extract());
  file.on('error', (error: Error) => entries.destroy(error));
  bytes.on('error', (error: Error) => entries.destroy(error));
  try {
    for await (const entry of entries) {
      // tar-stream's entries are streamx' Readables, which ships no types; they give Buffers when iterated.
      const contents = entry as unknown as AsyncIterable<Buffer>;
      yield { name: entry.header.name.replace(/^\.\//, ''), contents };
      entry.resume();
    }
  } finally {
    file.destroy();
  }
}

/**
 * The bytes of one layer of an archive, uncompressed.
 * @throws {BuildError} `BuildFailed` where the archive has no such entry.
 */
export async function* archiveLayer(path: string, name: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const entry of archiveEntries(path)) {
    signal.throwIfAborted();
    if (entry.name !== name) continue;
    for await (const chunk of entry.contents) {
      signal.throwIfAborted();
      yield chunk;
    }
    return;
  }
  throw notAnArchive(path, `it has no layer ${name}`);
}

async function jsonFiles(path: string): Promise<Map<string, unknown>> {
  const files = new Map<string, unknown>();
  try {
    for await (const { name, contents } of archiveEntries(path)) {
      if (!name.endsWith('.json')) continue;
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of contents) {
        size += chunk.length;
        if (size <= largestJson) chunks.push(chunk);
      }
      if (size <= largestJson) files.set(name, JSON.parse(Buffer.concat(chunks).toString('utf8')));
    }
  } catch (cause) {
    throw notAnArchive(path, messageOf(cause), cause);
  }
  return files;
}

async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer.readUInt16BE(0) === 0x1f8b;
}

function notAnArchive(path: string, why: string, cause?: unknown): BuildError {
  return new BuildError('BuildFailed', `${path} is no docker-archive: ${why}`, { cause });
}
