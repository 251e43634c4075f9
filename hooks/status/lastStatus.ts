import type { Condition, ImageStatus } from '../resource/niximage.ts';

type Json = Readonly<Record<string, unknown>>;

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
  readonly conditions: readonly Condition[];
  /** The image that is served, until another one is. */
  readonly served: Pick<ImageStatus, 'image' | 'imageRef' | 'digest' | 'size'>;
  /** As it stood, for when it is to be repeated. */
  readonly whole: Json;
}

const states = ['BuildPending', 'Building', 'Built', 'Failed'] as const;
const truths = ['True', 'False', 'Unknown'] as const;

export function lastStatus(parent: Json): LastStatus {
  const status = isJson(parent['status']) ? parent['status'] : {};
  const state = states.find((each) => each === status['state']);
  const build = buildOf(status['build']);
  const { image, imageRef, digest, size } = status as {
    [Name in 'image' | 'imageRef' | 'digest' | 'size']?: unknown;
  };
  return {
    ...(state === undefined ? {} : { state }),
    ...(build === undefined ? {} : { build }),
    conditions: Array.isArray(status['conditions']) ? status['conditions'].filter(isCondition) : [],
    served: {
      ...(typeof image === 'string' ? { image } : {}),
      ...(typeof imageRef === 'string' ? { imageRef } : {}),
      ...(typeof digest === 'string' ? { digest } : {}),
      ...(typeof size === 'number' ? { size } : {}),
    },
    whole: status,
  };
}

function buildOf(value: unknown): LastBuild | undefined {
  if (!isJson(value)) return undefined;
  const { inputHash, ordinal, attempt } = value as {
    [Name in 'inputHash' | 'ordinal' | 'attempt']?: unknown;
  };
  if (typeof inputHash !== 'string' || !isNatural(ordinal) || !isNatural(attempt)) return undefined;
  const { pod, startedAt, finishedAt } = value as { [Name in 'pod' | 'startedAt' | 'finishedAt']?: unknown };
  return {
    inputHash,
    ordinal,
    attempt,
    ...(typeof pod === 'string' ? { pod } : {}),
    ...(typeof startedAt === 'string' ? { startedAt } : {}),
    ...(typeof finishedAt === 'string' ? { finishedAt } : {}),
  };
}

function isCondition(value: unknown): value is Condition {
  return (
    isJson(value) &&
    truths.some((truth) => truth === value['status']) &&
    ['type', 'reason', 'message', 'lastTransitionTime'].every((name) => typeof value[name] === 'string')
  );
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
