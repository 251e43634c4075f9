/** A NixImage as the API server stores it, with parts of its own. */
export function manifest(
  data: unknown = { tag: 'v1', contents: ['curl', 'jq', 'bash'] },
  metadata: Readonly<Record<string, unknown>> = { name: 'curl-and-jq', namespace: 'default' },
): Readonly<Record<string, unknown>> {
  return { apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', metadata, data };
}

/** `contents: [curl]` and what else is given. */
export function curlWith(more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return manifest({ contents: ['curl'], ...more });
}
