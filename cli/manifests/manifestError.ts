import { CodedError } from '../../runtime/errors.ts';

/** A file from which no single image can be taken; the message holds every problem, one a line. */
export class ManifestError extends CodedError<'INVALID_MANIFEST' | 'NO_IMAGE' | 'SEVERAL_IMAGES'> {}
