import { type Finding, ok, toDo } from '../finding.ts';
import { type ClusterView, nameOf, textAt } from '../view.ts';

const apply = 'kubectl apply --server-side -k metacontroller/manifests/overlays/<name>';

/** The resource itself, and what tells Metacontroller of it. */
export function checkDefinition({ definition, controllers }: ClusterView): Finding[] {
  return [checkResource(definition), checkControllers(controllers.map(nameOf))];
}

function checkResource(definition: ClusterView['definition']): Finding {
  if (definition === undefined) return toDo('CRD', `the cluster knows no NixImages; install them: ${apply}`);
  if (textAt(definition, '.status.conditions[?(@.type=="Established")].status') !== 'True')
    return toDo('CRD', 'niximages.k8s.nixos.org is not established; kubectl describe crd tells why');
  return ok('CRD', 'niximages.k8s.nixos.org is established');
}

function checkControllers(names: readonly string[]): Finding {
  const missing = ['niximages', 'niximage-namespaces'].filter((name) => !names.includes(name));
  if (missing.length > 0)
    return toDo(
      'controllers',
      `Metacontroller is not told of ${missing.join(' and ')}; install its definitions, then: ${apply}`,
    );
  return ok('controllers', 'niximages and niximage-namespaces are there');
}
