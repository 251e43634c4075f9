import type { NixImageResource } from '../resource/niximage.generated.ts';

/** What may be said of a builder's Pod, by the operator and by a manifest alike. */
export type PodOptions = NonNullable<NixImageResource['data']['pod']>;

/**
 * The options of two hands, of which the second wins: single values replace, maps are merged key by key, and lists are
 * joined.
 */
export function mergedOptions(defaults: PodOptions, own: PodOptions): PodOptions {
  return {
    ...defaults,
    ...own,
    ...merged('nodeSelector', defaults.nodeSelector, own.nodeSelector),
    ...merged('labels', defaults.labels, own.labels),
    ...merged('annotations', defaults.annotations, own.annotations),
    ...joined('tolerations', defaults.tolerations, own.tolerations),
    ...joined('imagePullSecrets', defaults.imagePullSecrets, own.imagePullSecrets),
  };
}

function merged<Name extends string, Value>(
  name: Name,
  one: Readonly<Record<string, Value>> | undefined,
  other: Readonly<Record<string, Value>> | undefined,
): { [Key in Name]?: Record<string, Value> } {
  // One entry, under the very name that the type has.
  return (one === undefined && other === undefined ? {} : { [name]: { ...one, ...other } }) as {
    [Key in Name]?: Record<string, Value>;
  };
}

function joined<Name extends string, Item>(
  name: Name,
  one: readonly Item[] | undefined,
  other: readonly Item[] | undefined,
): { [Key in Name]?: Item[] } {
  return (
    one === undefined && other === undefined
      ? {}
      : { [name]: [...(one ?? []), ...(other ?? []).filter((item) => !(one ?? []).includes(item))] }
  ) as { [Key in Name]?: Item[] };
}
