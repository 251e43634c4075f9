import { readPath } from '../../readPath.ts';
import { type Finding, ok, toDo } from '../finding.ts';
import type { ClusterObject } from '../kubectl.ts';
import { type ClusterView, labelOf, listAt, nameOf, namespaceOf, systemNamespace, textAt } from '../view.ts';

/** The parts of NixImage; each is a Deployment. */
const parts = [
  { check: 'hook', name: 'niximage-hook' },
  { check: 'keeper', name: 'niximage-keeper' },
  { check: 'registry', name: 'niximage-registry' },
] as const;

/** Whether each part runs; where it does not, why its Pods do not. */
export function checkParts(view: ClusterView): Finding[] {
  return parts.map(({ check, name }) => {
    const found = view.workloads.find(
      (workload) => nameOf(workload) === name && namespaceOf(workload) === systemNamespace,
    );
    if (found === undefined)
      return toDo(
        check,
        `there is no Deployment ${name} in ${systemNamespace}; apply an overlay of the manifests`,
      );
    const { isReady, text } = readyText(found);
    return isReady ? ok(check, text) : toDo(check, `${text}: ${whyNot(check, view)}`);
  });
}

export function readyText(workload: ClusterObject): { readonly isReady: boolean; readonly text: string } {
  const wanted = Number(readPath(workload, '.spec.replicas') ?? 1);
  const ready = Number(readPath(workload, '.status.readyReplicas') ?? 0);
  const text = `${ready} of ${wanted} Pods ${wanted === 1 ? 'is' : 'are'} ready`;
  return { isReady: ready >= wanted && wanted > 0, text };
}

/** What keeps the first Pod that is not ready. */
function whyNot(component: string, { pods, warnings }: ClusterView): string {
  const ours = pods.filter((pod) => labelOf(pod, 'app.kubernetes.io/component') === component);
  const pod = ours.find((each) => textAt(each, '.status.conditions[?(@.type=="Ready")].status') !== 'True');
  if (pod === undefined) return 'no Pod is there; kubectl describe the Deployment tells why';
  const unscheduled = textAt(pod, '.status.conditions[?(@.type=="PodScheduled")].message');
  if (unscheduled !== '') return `${nameOf(pod)} has no node: ${unscheduled}`;
  const [status] = listAt(pod, '.status.containerStatuses');
  const waiting = textAt(status, '.state.waiting.reason');
  if (/ImagePull|InvalidImageName|ErrImage/.test(waiting))
    return `${nameOf(pod)} has no image: ${textAt(status, '.state.waiting.message')}; push or load it, and name it in the overlay`;
  const said = textAt(status, '.lastState.terminated.message') || textAt(status, '.state.waiting.message');
  const warning = lastWarning(nameOf(pod), warnings);
  return `${nameOf(pod)}: ${[waiting, said, warning].filter((text) => text !== '').join(': ') || 'it starts'}; kubectl logs -n ${systemNamespace} ${nameOf(pod)} may tell more`;
}

function lastWarning(pod: string, warnings: readonly ClusterObject[]): string {
  const about = warnings.filter((event) => textAt(event, '.involvedObject.name') === pod);
  const time = (event: ClusterObject): string => textAt(event, '.lastTimestamp');
  const last = about.reduce<ClusterObject | undefined>(
    (latest, event) => (latest === undefined || time(event) >= time(latest) ? event : latest),
    undefined,
  );
  return textAt(last, '.message');
}
