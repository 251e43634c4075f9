import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { mediaTypes } from '../mediaTypes.ts';

/** How a layer is stored. Levels are those of the format: zstd 1 to 19, gzip 1 to 9. */
export type Compression =
  | { readonly kind: 'zstd'; readonly level: number }
  | { readonly kind: 'gzip'; readonly level: number }
  | { readonly kind: 'none' };

/** Quick, and smaller than gzip at its slowest. */
export const defaultCompression: Compression = { kind: 'zstd', level: 3 };

const chunkSize = 256 * 1024;

/** The compressor, or undefined where bytes are stored as they are. */
export function compressor(compression: Compression): Transform | undefined {
  switch (compression.kind) {
    case 'zstd':
      return createZstdCompress({
        chunkSize,
        params: { [constants.ZSTD_c_compressionLevel]: compression.level },
      });
    case 'gzip':
      return createGzip({ chunkSize, level: compression.level });
    case 'none':
      return undefined;
  }
}

export function layerMediaType(compression: Compression): string {
  switch (compression.kind) {
    case 'zstd':
      return mediaTypes.layerZstd;
    case 'gzip':
      return mediaTypes.layerGzip;
    case 'none':
      return mediaTypes.layer;
  }
}
