import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import type { Condition, ImageStatus } from '../../../hooks/resource/niximage.ts';
import { readSchema, withoutUnknown } from '../../../hooks/resource/schema.ts';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ajv = new Ajv({
  strict: false,
  formats: {
    int64: { type: 'number', validate: Number.isSafeInteger },
    'date-time': (text: string) => rfc3339.test(text) && !Number.isNaN(Date.parse(text)),
  },
});
const schema = readSchema().properties?.['status'] ?? {};
const check = ajv.compile<ImageStatus>(withoutUnknown(schema));
const isTaken = ajv.compile<ImageStatus>(schema);

/** The status, where the API server would take it: what it refuses is never written, and says nothing to anybody. */
export function assertStatus(status: unknown): ImageStatus {
  const written: unknown = JSON.parse(JSON.stringify(status));
  assert.ok(check(written), `${ajv.errorsText(check.errors)} in ${JSON.stringify(status)}`);
  return written;
}

/** As `assertStatus`, but fields that the schema does not know may stand in it: the API server leaves them out. */
export function assertTaken(status: unknown): void {
  assert.ok(isTaken(JSON.parse(JSON.stringify(status))), ajv.errorsText(isTaken.errors));
}

/** One of the status' conditions. */
export function condition(status: ImageStatus | undefined, type: string): Condition {
  const found = status?.conditions?.find((each) => each.type === type);
  assert.ok(found !== undefined, `the status has a condition ${type}`);
  return found;
}

/** `True False False`: Ready, Reconciling, Stalled. */
export function truths(status: ImageStatus | undefined): string {
  return ['Ready', 'Reconciling', 'Stalled'].map((type) => condition(status, type).status).join(' ');
}
