import { builderLabels } from '../children/labels.ts';
import type { Child } from '../metacontroller.ts';
import { decorationLabels } from './labels.ts';

/** Which addresses a builder reaches beside the name servers. */
export interface EgressSettings {
  /** Address ranges (CIDR) of the cluster and its surroundings, which builders do not reach. */
  readonly except: readonly string[];
  /** Ranges that they reach all the same, such as a proxy's. */
  readonly allow: readonly string[];
}

/** Caches and sources: https, http, ssh and git. */
const ports = [443, 80, 22, 9418].map((port) => ({ protocol: 'TCP', port }));
const dns = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));

/**
 * What a namespace's builders may reach: they run what a team names, so nothing of the cluster, and no cloud's metadata
 * service. Nobody reaches them.
 */
export function builderPolicy(namespace: string, { except, allow }: EgressSettings): Child {
  const [v4, v6] = [except.filter((range) => !isV6(range)), except.filter(isV6)];
  const world = [block('0.0.0.0/0', v4), block('::/0', v6)];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'niximage-builders', namespace, labels: decorationLabels },
    spec: {
      podSelector: { matchLabels: builderLabels },
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        { ports: dns },
        { to: world, ports },
        ...(allow.length === 0 ? [] : [{ to: allow.map((range) => block(range, [])) }]),
      ],
    },
  };
}

function block(cidr: string, except: readonly string[]): unknown {
  return { ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } };
}

function isV6(range: string): boolean {
  return range.includes(':');
}
