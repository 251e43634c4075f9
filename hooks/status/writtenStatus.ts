import { Ajv } from 'ajv';
import type { ImageStatus } from '../resource/niximage.ts';
import { readSchema } from '../resource/schema.ts';
import { isTime } from './time.ts';

const ajv = new Ajv({
  strict: false,
  formats: { int64: { type: 'number', validate: Number.isSafeInteger }, 'date-time': isTime },
});
const isWritten = ajv.compile<ImageStatus>(readSchema().properties?.['status'] ?? {});

/** The status as the hook wrote it; empty where it is not as the schema wants it, for then nobody wrote it back. */
export function writtenStatus(status: unknown): ImageStatus {
  return isWritten(status) ? status : {};
}
