import { configMapNames } from './resource/configMaps.ts';
import { validateNixImage } from './resource/validate.ts';

/** https://metacontroller.github.io/metacontroller/api/customize.html */
export interface CustomizeResponse {
  readonly relatedResources: readonly {
    readonly apiVersion: string;
    readonly resource: string;
    /** Absent where the kind has none. */
    readonly namespace?: string;
    readonly names: readonly string[];
  }[];
}

/**
 * What Metacontroller shows to `sync` and `finalize` beside the children, and calls them for when it changes: the
 * image's Namespace, which may be on its way out, and the ConfigMaps of it that the image is made from. Metacontroller
 * keeps the answer until the manifest changes.
 */
export function customize(parent: unknown): CustomizeResponse {
  const namespace = namespaceOf(parent);
  if (namespace === undefined) return { relatedResources: [] };
  const own = { apiVersion: 'v1', resource: 'namespaces', names: [namespace] };
  const validated = validateNixImage(parent);
  const names = validated.ok ? configMapNames(validated.image.data) : [];
  if (names.length === 0) return { relatedResources: [own] };
  return { relatedResources: [own, { apiVersion: 'v1', resource: 'configmaps', namespace, names }] };
}

function namespaceOf(parent: unknown): string | undefined {
  const metadata: unknown = Reflect.get(Object(parent), 'metadata');
  const namespace: unknown = Reflect.get(Object(metadata), 'namespace');
  return typeof namespace === 'string' ? namespace : undefined;
}
