import { parse } from 'yaml';
import { field } from '../../readPath.ts';
import { type Finding, ok, toDo } from '../finding.ts';
import { type ClusterView, textAt } from '../view.ts';

/**
 * Whether `localhost:<NodePort>` works on nodes; nothing where another name is used, or kube-proxy is not seen, as on
 * k3s: the pull itself tells.
 */
export function checkNodePort({ kubeProxy, configMaps }: ClusterView): Finding[] {
  const host = configMaps
    .map((map) => textAt(map, '.data.NIXIMAGE_REGISTRY_HOST'))
    .find((text) => text !== '');
  if (kubeProxy === undefined || !/^(localhost|127\.)/.test(host ?? '')) return [];
  const configuration: unknown = parse(configurationIn(kubeProxy));
  // An empty mode is the default of Linux, iptables.
  const mode = textAt(configuration, '.mode') || 'iptables';
  return mode === 'iptables'
    ? [ok('NodePort', `kube-proxy serves it on ${host}`)]
    : [
        toDo(
          'NodePort',
          `kube-proxy in ${mode} mode serves no NodePort on ${host}; give nodes another name for the registry: docs/cluster.md, "How nodes reach the registry"`,
        ),
      ];
}

/** kubeadm and kind keep it under this key. */
function configurationIn(configMap: unknown): string {
  const text = field(field(configMap, 'data'), 'config.conf');
  return typeof text === 'string' ? text : '';
}
