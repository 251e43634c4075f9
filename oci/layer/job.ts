import type { StoreTar } from '../tar/storeTar.ts';
import type { Compression } from './compression.ts';

/** What a worker thread is asked to do. Plain data: it crosses to the thread as a copy. */
export interface LayerJob {
  readonly tar:
    | ({ readonly kind: 'StorePaths' } & StoreTar)
    /** A tar that stands in the file system. */
    | { readonly kind: 'TarFile'; readonly path: string };
  readonly compression: Compression;
  /** The file that the layer is written into; it is there already. */
  readonly output: string;
}
