import { stringify } from 'yaml';

/** A NixImage manifest as text. */
export function manifest(name: string, data: Readonly<Record<string, unknown>>): string {
  return stringify({ apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', metadata: { name }, data });
}
