import { certificatesVariable } from '../../runtime/contract/certificates.ts';

/** How builders reach the world outside of the cluster. */
export interface NetworkSettings {
  /** URL of an HTTP proxy. */
  readonly proxy?: string;
  /** Hosts that are reached without it, with commas between them. */
  readonly proxyExcept?: string;
  /** PEM: certificates that are trusted beside the usual ones. */
  readonly certificates?: string;
}

/** Variables of the builder's container. curl reads `http_proxy` in small letters only, others in capitals. */
export function networkEnvironment({ proxy, proxyExcept, certificates }: NetworkSettings): readonly {
  readonly name: string;
  readonly value: string;
}[] {
  const variables: [string, string][] = [];
  if (proxy !== undefined) variables.push(['http_proxy', proxy], ['https_proxy', proxy]);
  if (proxy !== undefined && proxyExcept !== undefined) variables.push(['no_proxy', proxyExcept]);
  const capitals = variables.map(([name, value]): [string, string] => [name.toUpperCase(), value]);
  const trusted: [string, string][] =
    certificates === undefined ? [] : [[certificatesVariable, certificates]];
  return [...variables, ...capitals, ...trusted].map(([name, value]) => ({ name, value }));
}
