import fc from 'fast-check';

export const images = ['x', 'y'] as const;
/** Few names, so that parents want each other's and strangers'. */
const childName = fc.constantFrom('a', 'b', 'c');
const imageName = fc.constantFrom(...images);

/** Now and then something else than what is good. */
const mostly = <Good, Odd>(good: fc.Arbitrary<Good>, ...odd: readonly Odd[]): fc.Arbitrary<Good | Odd> =>
  fc.oneof({ weight: 30, arbitrary: good }, { weight: 1, arbitrary: fc.constantFrom(...odd) });

const child = fc.record({
  apiVersion: fc.constant('v1'),
  kind: mostly(fc.constantFrom('ConfigMap', 'Pod', 'Pod'), 'Secret'),
  metadata: fc.record({
    name: childName,
    namespace: mostly(fc.constant('default'), 'other'),
    labels: mostly(fc.constant({}), { 'controller-uid': 'a-stranger' }),
  }),
  spec: fc.constantFrom({}, { activeDeadlineSeconds: 30 }),
});

export interface Answer {
  readonly status: unknown;
  readonly children: readonly (typeof child extends fc.Arbitrary<infer Value> ? Value : never)[];
  readonly resyncAfterSeconds: unknown;
  readonly finalized: unknown;
}

const answer: fc.Arbitrary<Answer> = fc.record({
  status: mostly(fc.constantFrom({}, { n: 1 }, { n: 2 }), 'Built'),
  children: fc.array(child, { maxLength: 4 }),
  resyncAfterSeconds: mostly(fc.constantFrom(0, 0.5, 10), 'soon'),
  finalized: mostly(fc.boolean(), 'true'),
});

export type Action =
  | { readonly do: 'apply'; readonly image: string; readonly contents: string }
  | { readonly do: 'remove'; readonly image: string }
  | { readonly do: 'answer'; readonly image: string; readonly answer: Answer; readonly status: number }
  | { readonly do: 'strange'; readonly child: string }
  | { readonly do: 'end'; readonly which: number; readonly exitCode: number }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'restart' };

/** What may happen to the stand-in, once. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      image: imageName,
      answer,
      status: mostly(fc.constant(200), 429, 500),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      image: imageName,
      contents: fc.constantFrom('jq', 'bash'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), image: imageName }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('strange' as const), child: childName }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(5),
      exitCode: fc.constantFrom(0, 1, 139),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(0.01, 1, 29, 120) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
);
