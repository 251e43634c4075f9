/** What a container runtime says of a pull that failed, and what to do about it. */
const advice: readonly { readonly says: RegExp; readonly todo: string }[] = [
  {
    says: /connection refused|no route to host|i\/o timeout/i,
    todo: 'nothing answers there on the node; a NodePort is served on localhost by kube-proxy in iptables mode only: docs/cluster.md, "How nodes reach the registry"',
  },
  {
    says: /server gave HTTP response to HTTPS client/i,
    todo: "the registry speaks plain HTTP; tell the node's containerd so in certs.d/<host>/hosts.toml (docs/cluster.md)",
  },
  {
    says: /x509|certificate/i,
    todo: 'the node does not trust the certificate; name its authority in certs.d/<host>/hosts.toml (docs/cluster.md)',
  },
  {
    says: /no such host|name resolution/i,
    todo: 'the node cannot resolve this name; nodes do not ask the DNS of the cluster',
  },
  {
    says: /not found/i,
    todo: 'the registry does not serve it; kubectl get niximages tells whether it is Built',
  },
];

export function explainPullFailure(message: string): string {
  const found = advice.find(({ says }) => says.test(message));
  return found === undefined ? message : `${message}; ${found.todo}`;
}
