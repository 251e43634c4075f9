import { type Finding, ok, toDo } from '../finding.ts';
import { type ClusterView, labelOf, listAt, nameOf, namespaceOf, systemNamespace, textAt } from '../view.ts';

/** The volume as the keeper and the registry mount it. */
export function checkVolume(view: ClusterView): Finding {
  const check = 'volume';
  const claim = claimOf(view, systemNamespace, 'niximage-volume');
  if (claim === undefined)
    return toDo(
      check,
      `there is no claim niximage-volume in ${systemNamespace}; apply an overlay of the manifests`,
    );
  const volume = view.volumes.find((each) => nameOf(each) === 'niximage-volume');
  const strangers = nodesOf(volume).filter(
    (node) => !view.nodes.some((each) => labelOf(each, 'kubernetes.io/hostname') === node),
  );
  if (strangers.length > 0)
    return toDo(
      check,
      `it is on the node ${strangers.join(', ')}, which the cluster has not; name one of kubectl get nodes in the overlay's settings.env, delete the volume, and apply again`,
    );
  const phase = textAt(claim, '.status.phase');
  if (phase !== 'Bound')
    return toDo(
      check,
      `the claim niximage-volume is ${phase}; kubectl describe it, and the volume of that name`,
    );
  return ok(check, 'the claim niximage-volume is bound');
}

/** The namespaces that may have images, and their claims. */
export function checkNamespaces(view: ClusterView): Finding {
  const check = 'namespaces';
  const names = view.namespaces.map(nameOf);
  if (names.length === 0)
    return toDo(check, 'none may have images; kubectl label namespace <name> k8s.nixos.org/images=enabled');
  const unbound = names.filter(
    (name) => textAt(claimOf(view, name, 'niximage-store'), '.status.phase') !== 'Bound',
  );
  if (unbound.length > 0)
    return toDo(
      check,
      `${unbound.join(', ')}: the claim niximage-store is not bound; that takes a second or two where the keeper runs, and the hook's log tells more`,
    );
  return ok(check, `${names.join(', ')}: each has its claim`);
}

function claimOf({ claims }: ClusterView, namespace: string, name: string): unknown {
  return claims.find((claim) => namespaceOf(claim) === namespace && nameOf(claim) === name);
}

function nodesOf(volume: unknown): string[] {
  const path = '.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values';
  return listAt(volume, path).map(String);
}
