import { expressionKey } from '../../hooks/children/configMap.ts';
import { builderContainer } from '../../hooks/children/pod.ts';

/** Of an object as the API server has it, what is read or changed here. */
export interface PodObject {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly volumes: readonly Volume[];
  };
}

interface Container {
  readonly name: string;
}

interface Volume {
  readonly name: string;
  readonly [kind: string]: unknown;
}

/** What runs in place of the builder: the times are the process's own, in nanoseconds since 1970. */
const script = [
  'mkdir -p "$HOME"',
  'date +%s%N',
  `nix-build --no-out-link /niximage/expression/${expressionKey} >&2`,
  'date +%s%N',
].join(' && ');

/** The name of the ConfigMap and of the Pod. */
export interface BareName {
  readonly name: string;
  /** A claim in place of the empty `/nix`. */
  readonly nixClaim?: string;
}

/** A builder's Pod with nothing else changed: the same image, limits and mounts, and plain `nix-build` on an expression. */
export function barePod(builder: PodObject, { name, nixClaim }: BareName): unknown {
  const { containers, volumes } = builder.spec;
  const container = containers.find((each) => each.name === builderContainer);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: builder.metadata.namespace },
    spec: {
      ...builder.spec,
      // Where it ran says nothing about this one.
      nodeName: undefined,
      containers: [{ ...container, command: ['sh', '-c', script], args: [] }],
      volumes: volumes.map((volume) => {
        if (volume.name === 'expression') return { name: 'expression', configMap: { name } };
        if (volume.name !== 'nix') return volume;
        return nixClaim === undefined
          ? { name: 'nix', emptyDir: {} }
          : { name: 'nix', persistentVolumeClaim: { claimName: nixClaim } };
      }),
    },
  };
}

/** The ConfigMap of such a Pod. */
export function bareExpression(builder: PodObject, { name }: BareName, expression: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: builder.metadata.namespace },
    data: { [expressionKey]: expression },
  };
}

/** Seconds between the two times that the script printed. */
export function secondsOf(log: string): number {
  const [began, ended] = log
    .split('\n')
    .filter((line) => /^\d{19}$/.test(line))
    .map((line) => BigInt(line));
  if (began === undefined || ended === undefined)
    throw new Error(`nix-build did not come to its end:\n${log}`);
  return Number(ended - began) / 1e9;
}
