/** Path of a kube-router, which enforces NetworkPolicies; it is on no package registry. Without it nothing enforces any. */
export const kubeRouterProgram = process.env['KUBE_ROUTER'];

/** Words for its part that does, alone. It needs Debian's ipset. */
export function kubeRouterWords(kubeconfig: string, node: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${node}`,
    '--run-firewall=true',
    '--run-router=false',
    '--run-service-proxy=false',
    '--run-loadbalancer=false',
    '--service-cluster-ip-range=10.96.0.0/24',
    '--enable-ipv6=false',
    '--health-port=0',
    '--metrics-port=0',
  ];
}
