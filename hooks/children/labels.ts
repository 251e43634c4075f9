/** By which builders are known. */
export const builderLabels = {
  'app.kubernetes.io/name': 'niximage',
  'app.kubernetes.io/component': 'builder',
} as const;

/** Recommended labels: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export function labels(image: string): Readonly<Record<string, string>> {
  return {
    ...builderLabels,
    'app.kubernetes.io/managed-by': 'niximage',
    // A label's value has 63 characters at most; the annotation of the build has the whole name.
    'k8s.nixos.org/image': image.slice(0, 63).replace(/[^a-z0-9]+$/, ''),
  };
}
