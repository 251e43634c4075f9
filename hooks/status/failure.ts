import { type BuildReport, type FailureReason, failureReasons } from '../../runtime/contract/report.ts';
import type { ObservedPod } from '../metacontroller.ts';

/** Why an attempt at a build failed. */
export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly attribute?: string;
  readonly logTail?: string;
  /** Whether the same build may succeed when it is tried again. */
  readonly transient: boolean;
}

/** Longest text that goes into the status; the log has the rest. */
const textLimit = 2048;

/** Reads a builder's report, which a tenant's Pod wrote; undefined where it is none. */
function parseReport(text: string | undefined): BuildReport | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  if (fields['v'] !== 1) return undefined;
  return fields['result'] === 'Built' ? builtReport(fields) : failedReport(fields);
}

function builtReport(fields: Readonly<Record<string, unknown>>): BuildReport | undefined {
  const { digest, mediaType } = { digest: fields['digest'], mediaType: fields['mediaType'] };
  const [size, layers, reusedLayers] = ['size', 'layers', 'reusedLayers'].map((name) => Number(fields[name]));
  if (typeof digest !== 'string' || typeof mediaType !== 'string') return undefined;
  if (!isCount(size) || !isCount(layers) || !isCount(reusedLayers)) return undefined;
  return { v: 1, result: 'Built', digest, mediaType, size, layers, reusedLayers };
}

function isCount(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function failedReport(fields: Readonly<Record<string, unknown>>): BuildReport | undefined {
  const reason = failureReasons.find((each) => each === fields['reason']);
  const message = fields['message'];
  if (fields['result'] !== 'Failed' || reason === undefined || typeof message !== 'string') return undefined;
  const { attribute, logTail } = { attribute: fields['attribute'], logTail: fields['logTail'] };
  return {
    v: 1,
    result: 'Failed',
    reason,
    message: cut(message),
    transient: fields['transient'] === true,
    ...(typeof attribute === 'string' ? { attribute: cut(attribute) } : {}),
    ...(typeof logTail === 'string' ? { logTail: tail(logTail) } : {}),
  };
}

/** What a Pod that ended badly says of it: its report first, then what the kubelet knows. */
export function failureOf(pod: ObservedPod): Failure {
  const container = pod.container?.kind === 'Terminated' ? pod.container : undefined;
  const report = parseReport(container?.message);
  // Whom the kubelet stops cannot know why: the Pod does.
  if (report?.result === 'Failed' && !(report.reason === 'Interrupted' && pod.reason !== undefined)) {
    const { v: _v, result: _result, ...failure } = report;
    return container?.reason === 'OOMKilled' ? outOfMemory(failure) : failure;
  }
  const logTail =
    container?.message === undefined || report !== undefined ? {} : { logTail: tail(container.message) };
  if (pod.reason === 'DeadlineExceeded')
    return {
      reason: 'Timeout',
      message:
        'the build took longer than it may; ask for more time in data.pod.timeout, or name fewer packages',
      transient: false,
      ...logTail,
    };
  if (container?.reason === 'OOMKilled')
    return {
      reason: 'OutOfMemory',
      message: 'the builder ran out of memory; ask for more in data.pod.memory',
      transient: false,
      ...logTail,
    };
  if (pod.reason !== undefined)
    return {
      reason: 'Interrupted',
      message: `the builder's Pod was ended: ${pod.reason}${pod.message === undefined ? '' : `: ${cut(pod.message)}`}`,
      transient: true,
      ...logTail,
    };
  return {
    reason: 'BuilderLost',
    message: `the builder ended with exit code ${container?.exitCode ?? 'unknown'} and said nothing; its log may tell more`,
    transient: true,
    ...logTail,
  };
}

/** What the builder takes for a fault of the package, since it only sees that a program of the build ended. */
const likelyKilled: readonly FailureReason[] = ['BuildFailed', 'EvaluationFailed', 'InternalError'];

function outOfMemory(failure: Failure): Failure {
  if (!likelyKilled.includes(failure.reason)) return failure;
  return {
    ...failure,
    reason: 'OutOfMemory',
    message: cut(
      `the builder ran out of memory; ask for more in data.pod.memory. It said: ${failure.message}`,
    ),
  };
}

function cut(text: string): string {
  return text.length > textLimit ? `${text.slice(0, textLimit - 3).toWellFormed()}...` : text.toWellFormed();
}

/** The end of a text, which may begin within a character. */
function tail(text: string): string {
  return text.slice(-textLimit).toWellFormed();
}
