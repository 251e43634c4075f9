import { configMapNames } from './resource/configMaps.ts';
import { validateNixImage } from './resource/validate.ts';

/** https://metacontroller.github.io/metacontroller/api/customize.html */
export interface CustomizeResponse {
  readonly relatedResources: readonly {
    readonly apiVersion: string;
    readonly resource: string;
    readonly namespace: string;
    readonly names: readonly string[];
  }[];
}

/**
 * Which ConfigMaps of its namespace an image is made from: Metacontroller shows them to `sync`, and calls it when one of
 * them changes. Metacontroller keeps the answer until the manifest changes.
 */
export function customize(parent: unknown): CustomizeResponse {
  const validated = validateNixImage(parent);
  const names = validated.ok ? configMapNames(validated.image.data) : [];
  if (!validated.ok || names.length === 0) return { relatedResources: [] };
  const { namespace } = validated.image;
  return { relatedResources: [{ apiVersion: 'v1', resource: 'configmaps', namespace, names }] };
}
