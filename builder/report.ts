import { writeFile } from 'node:fs/promises';
import { LayerError } from '../oci/layer/errors.ts';
import { StoreError } from '../oci/store/errors.ts';
import {
  type BuildFailed,
  type BuildReport,
  type BuildSucceeded,
  type FailureReason,
  terminationMessageLimit,
} from '../runtime/contract/report.ts';
import { CodedError, hasErrno, messageOf } from '../runtime/errors.ts';
import { BuildError } from './errors.ts';
import { shortened } from './nix/text.ts';

/**
 * The report as a Pod's termination message: JSON of at most 4,096 bytes of UTF-8. The log's tail loses its first
 * lines until it fits; then the message is shortened. Sources lose their names. The JSON is always whole.
 */
export function terminationMessage(report: BuildReport): string {
  if (report.result === 'Built') return builtMessage(report);
  let fitting: BuildFailed = { ...report, message: shortened(report.message, 1500) };
  for (let text = JSON.stringify(fitting); ; text = JSON.stringify(fitting)) {
    const surplus = Buffer.byteLength(text) - terminationMessageLimit;
    if (surplus <= 0) return text;
    fitting = smaller(fitting, surplus);
  }
}

function builtMessage(report: BuildSucceeded): string {
  const text = JSON.stringify(report);
  if (Buffer.byteLength(text) <= terminationMessageLimit) return text;
  // Whoever ordered them knows their order.
  return JSON.stringify({
    ...report,
    sources: report.sources?.map(({ rev, narHash }) => ({ rev, narHash })),
  });
}

/** Drops at least one line or character of what a reader misses least. */
function smaller(report: BuildFailed, surplus: number): BuildFailed {
  const { logTail, attribute, ...rest } = report;
  const kept = { ...rest, ...(attribute === undefined ? {} : { attribute }) };
  if (logTail !== undefined) {
    const end = logTail.indexOf('\n');
    if (end !== -1) return { ...kept, logTail: logTail.slice(end + 1) };
    // One line: cut at its start. A character takes 6 bytes of JSON at most (`\u0000`).
    const cut = logTail.slice(Math.max(1, Math.ceil(surplus / 6)));
    return cut === '' ? kept : { ...kept, logTail: cut.toWellFormed() };
  }
  if (attribute !== undefined && attribute.length > 200)
    return { ...rest, attribute: shortened(attribute, 200) };
  return {
    ...kept,
    message: shortened(report.message, Math.max(0, report.message.length - Math.ceil(surplus / 6) - 1)),
  };
}

/**
 * Writes the termination message. A Pod's file is there already and belongs to the kubelet, so it is written in
 * place, not replaced.
 */
export async function writeTerminationMessage(path: string, report: BuildReport): Promise<void> {
  await writeFile(path, terminationMessage(report));
}

/** What is reported of anything that a build throws. */
export function failureOf(error: unknown): BuildFailed {
  if (error instanceof BuildError) return error.report();
  const message = messageOf(error);
  const cause = error instanceof LayerError && error.cause !== undefined ? error.cause : error;
  if (diskFull.some((code) => hasErrno(cause, code)))
    return failed('DiskFull', `the disk is full: ${message}; give the store and /tmp more space`, true);
  if (volumeGone.some((code) => hasErrno(cause, code)))
    return failed('StoreUnavailable', `the store cannot be used: ${message}; look at the volume`, true);
  if (error instanceof StoreError && storeMissing.includes(error.code))
    return failed('StoreUnavailable', message, true);
  // Other coded errors are written for a person too. Paths that changed may be whole the next time; an option stays wrong.
  if (error instanceof CodedError) return failed('InternalError', message, error instanceof LayerError);
  return failed('InternalError', `the builder failed in a way it does not know: ${message}`, true);
}

const diskFull = ['ENOSPC', 'EDQUOT'];
const volumeGone = ['EROFS', 'EIO', 'ESTALE', 'ENOTCONN', 'EACCES', 'EPERM'];
const storeMissing: readonly string[] = ['STORE_UNAVAILABLE', 'NAMESPACE_MISSING'];

function failed(reason: FailureReason, message: string, transient: boolean): BuildFailed {
  return { v: 1, result: 'Failed', reason, message, transient };
}
