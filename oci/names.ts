const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const namespacePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Longest repository name that clients carry. */
export const repositoryLimit = 255;

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
export function isTag(text: string): boolean {
  return tag.test(text);
}

/** A repository's last component: the metadata.name of a NixImage. */
export function isImageName(text: string): boolean {
  return text.length <= repositoryLimit && component.test(text);
}

/** A Kubernetes namespace (RFC 1123 label), which is the name of its tree in the store. */
export function isNamespace(text: string): boolean {
  return namespacePattern.test(text);
}
