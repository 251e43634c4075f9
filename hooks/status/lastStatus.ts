import { failureReasons } from '../../runtime/contract/report.ts';
import type { Place } from '../phase/turn.ts';
import type { Condition, ImageStatus } from '../resource/niximage.ts';
import type { Failure } from './failure.ts';
import { writtenStatus } from './writtenStatus.ts';

export interface LastBuild {
  readonly inputHash: string;
  readonly ordinal: number;
  readonly attempt: number;
  readonly pod?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** What the hook said last, as the request brings it; what is not as the hook writes it counts as not said. */
export interface LastStatus {
  readonly state?: ImageStatus['state'];
  readonly build?: LastBuild;
  /** Where it stood in the queue, where it waited. */
  readonly queue?: { readonly since: string; readonly place?: Place };
  /** Why the build failed for good. */
  readonly failure?: Failure;
  readonly conditions: readonly Condition[];
  /** The generation of the manifest that it was last looked into for; while nothing is known, none is. */
  readonly generation?: number;
  /** The image that is served, until another one is. */
  readonly served: Pick<ImageStatus, 'image' | 'imageRef' | 'digest' | 'size'>;
  /** As it stood, for when it is to be repeated. */
  readonly whole: ImageStatus;
}

export function lastStatus(parent: Readonly<Record<string, unknown>>): LastStatus {
  const whole = writtenStatus(parent['status']);
  const { state, image, imageRef, digest, size, conditions = [] } = whole;
  const build = buildOf(whole.build);
  const generation = conditions.find(({ type }) => type === 'Ready')?.observedGeneration;
  const queue = queueOf(whole.queue);
  const failure = state === 'Failed' ? failureOf(whole.failure) : undefined;
  return {
    ...(state === undefined ? {} : { state }),
    ...(build === undefined ? {} : { build }),
    ...(queue === undefined ? {} : { queue }),
    ...(failure === undefined ? {} : { failure }),
    conditions,
    ...(generation === undefined ? {} : { generation }),
    served: {
      ...(image === undefined ? {} : { image }),
      ...(imageRef === undefined ? {} : { imageRef }),
      ...(digest === undefined ? {} : { digest }),
      ...(size === undefined ? {} : { size }),
    },
    whole,
  };
}

function queueOf({ since, position, of }: NonNullable<ImageStatus['queue']> = {}): LastStatus['queue'] {
  if (since === undefined || Number.isNaN(Date.parse(since))) return undefined;
  return { since, ...(isNatural(position) && isNatural(of) ? { place: { position, of } } : {}) };
}

function buildOf(build: ImageStatus['build']): LastBuild | undefined {
  const { inputHash, ordinal, attempt, pod, startedAt, finishedAt } = build ?? {};
  if (inputHash === undefined || !isNatural(ordinal) || !isNatural(attempt)) return undefined;
  return {
    inputHash,
    ordinal,
    attempt,
    ...(pod === undefined ? {} : { pod }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
}

function failureOf(failure: ImageStatus['failure']): Failure | undefined {
  const reason = failureReasons.find((each) => each === failure?.reason);
  if (failure?.message === undefined || reason === undefined) return undefined;
  const { message, attribute, logTail } = failure;
  return {
    reason,
    message,
    transient: false,
    ...(attribute === undefined ? {} : { attribute }),
    ...(logTail === undefined ? {} : { logTail }),
  };
}

function isNatural(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
