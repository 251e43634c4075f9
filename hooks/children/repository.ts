/** How an image is pulled: the namespace `default` is left out. */
export function repositoryName({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return namespace === 'default' ? name : `${namespace}/${name}`;
}
