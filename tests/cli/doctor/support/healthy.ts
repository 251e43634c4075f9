import type { ClusterObject } from '../../../../cli/doctor/kubectl.ts';
import type { ClusterView } from '../../../../cli/doctor/view.ts';

const system = 'niximage-system';

function ready(name: string, component: string): ClusterObject {
  return {
    kind: 'Pod',
    metadata: { name, namespace: system, labels: { 'app.kubernetes.io/component': component } },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function deployment(name: string, replicas: number): ClusterObject {
  return {
    kind: 'Deployment',
    metadata: { name, namespace: system },
    spec: { replicas, template: { spec: { containers: [{ name: 'a', image: 'niximage:0.1.0' }] } } },
    status: { readyReplicas: replicas },
  };
}

export function metacontroller(args: readonly string[], readyReplicas = 1): ClusterObject {
  const container = { name: 'metacontroller', image: 'example/metacontroller:v4.17.2', args };
  return {
    kind: 'StatefulSet',
    metadata: { name: 'metacontroller', namespace: 'metacontroller' },
    spec: { replicas: 1, template: { spec: { containers: [container] } } },
    status: { readyReplicas },
  };
}

export function kubeProxy(mode: string): ClusterObject {
  return {
    metadata: { name: 'kube-proxy', namespace: 'kube-system' },
    data: { 'config.conf': `mode: ${mode}\n` },
  };
}

const claim = (namespace: string, name: string, phase = 'Bound'): ClusterObject => ({
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace },
  status: { phase },
});

/** A cluster on which all is well: one node, one image that is Built. */
export const healthy: ClusterView = {
  definition: {
    metadata: { name: 'niximages.k8s.nixos.org' },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  },
  workloads: [
    metacontroller(['--client-go-qps=100', '--client-go-burst', '200', '--workers=20']),
    deployment('niximage-hook', 2),
    deployment('niximage-keeper', 1),
    deployment('niximage-registry', 2),
  ],
  controllers: [{ metadata: { name: 'niximages' } }, { metadata: { name: 'niximage-namespaces' } }],
  pods: [ready('niximage-hook-1', 'hook'), ready('niximage-hook-2', 'hook')],
  warnings: [],
  configMaps: [
    {
      metadata: { name: 'niximage-configuration-1', namespace: system },
      data: { NIXIMAGE_REGISTRY_HOST: 'localhost:30500' },
    },
  ],
  claims: [claim(system, 'niximage-volume'), claim('default', 'niximage-store')],
  volumes: [
    {
      metadata: { name: 'niximage-volume' },
      spec: {
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ values: ['one'] }] }] } },
      },
    },
  ],
  namespaces: [{ metadata: { name: 'default' } }],
  nodes: [
    {
      metadata: { name: 'one', labels: { 'kubernetes.io/hostname': 'one' } },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    },
  ],
  kubeProxy: kubeProxy('iptables'),
  images: [
    {
      metadata: { name: 'curl-and-jq', namespace: 'default' },
      status: { state: 'Built', image: 'localhost:30500/curl-and-jq:v1' },
    },
  ],
};
