/** Recommended labels: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export const decorationLabels = {
  'app.kubernetes.io/name': 'niximage',
  'app.kubernetes.io/component': 'namespace',
  'app.kubernetes.io/managed-by': 'niximage',
} as const;
