/** What a builder is doing now; kept as one small file in the namespace's tree, read through the keeper. */
export interface Progress {
  readonly v: 1;
  /** The builder Pod's name. */
  readonly pod: string;
  readonly activity: Activity;
  /** RFC 3339. */
  readonly at: string;
}

export type Activity =
  | { readonly kind: 'Evaluating' }
  | { readonly kind: 'Fetching'; readonly done: number; readonly expected: number }
  | { readonly kind: 'Building'; readonly done: number; readonly expected: number; readonly name?: string }
  | {
      readonly kind: 'WritingLayers';
      readonly done: number;
      readonly expected: number;
      /** Bytes read so far of layers that were not in the store before. */
      readonly bytes: number;
    }
  | { readonly kind: 'Publishing' };

/** `fetching 3 of 12`, as the table of `niximage up` shows it. */
export function describeActivity(activity: Activity): string {
  switch (activity.kind) {
    case 'Evaluating':
      return 'evaluating';
    case 'Fetching':
      return `fetching ${activity.done} of ${activity.expected}`;
    case 'Building':
      return `building ${activity.done} of ${activity.expected}${activity.name === undefined ? '' : ` (${activity.name})`}`;
    case 'WritingLayers':
      return `writing layers ${activity.done} of ${activity.expected}${activity.bytes === 0 ? '' : ` (${Math.round(activity.bytes / 1e6)} MB)`}`;
    case 'Publishing':
      return 'publishing';
  }
}
