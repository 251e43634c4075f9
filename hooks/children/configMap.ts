import { hash } from 'node:crypto';
import type { Child, ObservedConfigMap } from '../metacontroller.ts';
import { labels } from './labels.ts';

export const expressionKey = 'default.nix';
const digestAnnotation = 'k8s.nixos.org/expression-digest';

/** Bytes of an expression. Metacontroller keeps the object a second time in an annotation of at most 262,144 bytes. */
export const expressionLimit = 200 * 1024;

function expressionDigest(text: string): string {
  return `sha256:${hash('sha256', text)}`;
}

/** The ConfigMap that hands the expression to the builder. It never changes: a changed input has another name. */
export function configMap(name: string, image: string, expression: string): Child {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      labels: labels(image),
      annotations: { [digestAnnotation]: expressionDigest(expression) },
    },
    immutable: true,
    data: { [expressionKey]: expression },
  };
}

/** An observed ConfigMap, as it was made; one that somebody changed stays as it is, and never gets a digest. */
export function repeated(map: ObservedConfigMap, image: string): Child {
  const text = map.data[expressionKey];
  const { name } = map.metadata;
  return text !== undefined && observedDigest(map) !== undefined
    ? configMap(name, image, text)
    : { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, immutable: true, data: map.data };
}

/** The digest of an observed ConfigMap's expression; undefined where it is not as it was made. */
export function observedDigest({ metadata, data }: ObservedConfigMap): string | undefined {
  const text = data[expressionKey];
  if (text === undefined) return undefined;
  const digest = expressionDigest(text);
  return metadata.annotations?.[digestAnnotation] === digest ? digest : undefined;
}
