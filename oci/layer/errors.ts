import { CodedError } from '../../runtime/errors.ts';

/** `CHANGED`: what a layer is made of went away or changed while it was read. `WRITE_FAILED`: it could not be written. */
export class LayerError extends CodedError<'CHANGED' | 'WRITE_FAILED'> {}
