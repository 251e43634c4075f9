import { handedOver } from '../../runtime/contract/buildOrder.ts';
import type { Child, ObservedConfigMap } from '../metacontroller.ts';
import { labels } from './labels.ts';

export const expressionKey = 'default.nix';
/** Beside it, where sources have texts. */
export const textsKey = 'sources.json';
const digestAnnotation = 'k8s.nixos.org/expression-digest';

/** Bytes of the expression and the texts of its sources. Metacontroller keeps the object a second time in an annotation of at most 262,144 bytes. */
export const expressionLimit = 200 * 1024;

/** What a ConfigMap hands to the builder. */
export interface HandedOver {
  readonly expression: string;
  /** The texts of sources, as JSON. */
  readonly texts?: string;
}

/** The ConfigMap that hands the expression to the builder. It never changes: a changed input has another name. */
export function configMap(name: string, image: string, { expression, texts }: HandedOver): Child {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      labels: labels(image),
      annotations: { [digestAnnotation]: handedOver(expression, texts) },
    },
    immutable: true,
    data: { [expressionKey]: expression, ...(texts === undefined ? {} : { [textsKey]: texts }) },
  };
}

/** An observed ConfigMap, as it was made; one that somebody changed stays as it is, and never gets a digest. */
export function repeated(map: ObservedConfigMap, image: string): Child {
  const held = heldIn(map);
  const { name } = map.metadata;
  return held !== undefined && observedDigest(map) !== undefined
    ? configMap(name, image, held)
    : { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, immutable: true, data: map.data };
}

/** The digest of what an observed ConfigMap hands over; undefined where it is not as it was made. */
export function observedDigest(map: ObservedConfigMap): string | undefined {
  const held = heldIn(map);
  if (held === undefined) return undefined;
  const digest = handedOver(held.expression, held.texts);
  return map.metadata.annotations?.[digestAnnotation] === digest ? digest : undefined;
}

function heldIn({ data }: ObservedConfigMap): HandedOver | undefined {
  const { [expressionKey]: expression, [textsKey]: texts } = data;
  if (expression === undefined) return undefined;
  return { expression, ...(texts === undefined ? {} : { texts }) };
}
