import { type Compression, defaultCompression, layerMediaType } from '../oci/layer/compression.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { CodedError } from '../runtime/errors.ts';

/** What an image is stored as; what unpacks from it is the same for all formats. */
export interface ImageFormat {
  readonly compression: Compression;
  /** Docker's media types are for clients from before OCI's; they know gzip, or no compression. */
  readonly mediaTypes: 'oci' | 'docker';
}

export const defaultFormat: ImageFormat = { compression: defaultCompression, mediaTypes: 'oci' };

export class FormatError extends CodedError<'INVALID_FORMAT'> {
  constructor(message: string) {
    super('INVALID_FORMAT', message);
  }
}

const levels = { zstd: { least: 1, usual: 3, most: 19 }, gzip: { least: 1, usual: 6, most: 9 } } as const;

/**
 * The format that two words name: `zstd`, `gzip` or `none`, the first two with a level where wanted (`zstd:19`), and
 * `oci` or `docker`. Without a word Docker's types come with gzip, all else with zstd.
 * @throws {FormatError} naming the word that is wrong.
 */
export function parseFormat(words: {
  readonly compression?: string | undefined;
  readonly mediaTypes?: string | undefined;
}): ImageFormat {
  const whose = words.mediaTypes ?? 'oci';
  if (whose !== 'oci' && whose !== 'docker')
    throw new FormatError(`media types must be oci or docker, not ${JSON.stringify(whose)}`);
  const compression = parseCompression(words.compression ?? (whose === 'docker' ? 'gzip' : 'zstd'));
  if (whose === 'docker' && compression.kind === 'zstd')
    throw new FormatError(
      "Docker's media types have none for zstd: choose gzip or none, or OCI's media types",
    );
  return { compression, mediaTypes: whose };
}

function parseCompression(word: string): Compression {
  if (word === 'none') return { kind: 'none' };
  const [, kind, digits] = /^(zstd|gzip)(?::(\d{1,2}))?$/.exec(word) ?? [];
  if (kind === 'zstd' || kind === 'gzip') {
    const { least, usual, most } = levels[kind];
    const level = digits === undefined ? usual : Number(digits);
    if (level >= least && level <= most) return { kind, level };
  }
  throw new FormatError(
    `compression must be none, zstd (zstd:1 to zstd:19) or gzip (gzip:1 to gzip:9), not ${JSON.stringify(word)}`,
  );
}

/** What an image's manifest says of itself, its configuration and its layers. */
export interface ImageMediaTypes {
  readonly manifest: string;
  readonly config: string;
  readonly layer: string;
}

export function mediaTypesOf(format: ImageFormat): ImageMediaTypes {
  switch (format.mediaTypes) {
    case 'oci': {
      const { manifest, config } = mediaTypes;
      return { manifest, config, layer: layerMediaType(format.compression) };
    }
    case 'docker': {
      const { dockerManifest: manifest, dockerConfig: config, dockerLayer, dockerLayerGzip } = mediaTypes;
      return { manifest, config, layer: format.compression.kind === 'none' ? dockerLayer : dockerLayerGzip };
    }
  }
}
