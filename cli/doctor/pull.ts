import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { explainPullFailure } from './checks/pullFailure.ts';
import { type Finding, ok, toDo } from './finding.ts';
import type { ClusterObject, Kubectl } from './kubectl.ts';
import { type ClusterView, listAt, namespaceOf, textAt, usableNodes } from './view.ts';

const check = 'pull';
const runLabel = 'k8s.nixos.org/doctor-run';

/** Lets each node pull an image that is Built, in a Pod that does nothing. @throws {KubectlError} */
export async function checkPull(
  kubectl: Kubectl,
  view: ClusterView,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<Finding[]> {
  const image = view.images.find((each) => textAt(each, '.status.state') === 'Built');
  if (image === undefined)
    return [toDo(check, 'no image is Built yet; kubectl apply -f examples/curl-and-jq.yaml, and look again')];
  const nodes = usableNodes(view);
  if (nodes.length === 0) return [toDo(check, 'no node is Ready; kubectl get nodes tells more')];
  const [reference, namespace] = [textAt(image, '.status.image'), namespaceOf(image)];
  const run = randomBytes(4).toString('hex');
  const words = [`--namespace=${namespace}`, `--selector=${runLabel}=${run}`] as const;
  try {
    await kubectl.create({
      apiVersion: 'v1',
      kind: 'List',
      items: nodes.map((node, index) =>
        pullPod(`niximage-doctor-${run}-${index}`, namespace, node, run, reference),
      ),
    });
    const end = Date.now() + timeout;
    for (;;) {
      const pods = await kubectl.get('pods', ...words);
      const outcomes = nodes.map((node) =>
        outcomeOf(pods.find((pod) => textAt(pod, '.spec.nodeName') === node)),
      );
      if (outcomes.every((outcome) => outcome !== undefined) || Date.now() > end)
        return nodes.map((node, index) => findingOf(node, reference, outcomes[index], timeout));
      await delay(1000, undefined, { signal });
    }
  } finally {
    await kubectl.remove('pods', ...words, '--grace-period=0', '--force');
  }
}

type Outcome = { readonly pulled: true } | { readonly pulled: false; readonly message: string };

/** How the pull ended, by the Pod's status; undefined while it goes on. A program that is not there ends the Pod. */
export function outcomeOf(pod: ClusterObject | undefined): Outcome | undefined {
  const reason = textAt(pod, '.status.reason');
  if (textAt(pod, '.status.phase') === 'Failed' && reason !== '')
    return { pulled: false, message: `${reason}: ${textAt(pod, '.status.message')}` };
  const [status] = listAt(pod, '.status.containerStatuses');
  const waiting = textAt(status, '.state.waiting.reason');
  if (
    /^(ErrImagePull|ImagePullBackOff|InvalidImageName|RegistryUnavailable|ErrImageNeverPull)$/.test(waiting)
  )
    return { pulled: false, message: textAt(status, '.state.waiting.message') || waiting };
  const isOver = waiting !== '' && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing';
  return isOver || textAt(status, '.imageID') !== '' ? { pulled: true } : undefined;
}

function findingOf(node: string, image: string, outcome: Outcome | undefined, timeout: number): Finding {
  if (outcome === undefined)
    return toDo(
      check,
      `${node} did not pull ${image} within ${timeout / 1000} s; kubectl describe node ${node} may tell why`,
    );
  return outcome.pulled
    ? ok(check, `${node} pulls ${image}`)
    : toDo(check, `${node}: ${explainPullFailure(outcome.message)}`);
}

/** Its program is in no image: that the pull went well is all it is to tell. */
function pullPod(name: string, namespace: string, node: string, run: string, image: string): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/name': 'niximage', [runLabel]: run },
      annotations: { 'sidecar.istio.io/inject': 'false' },
    },
    spec: {
      // Past the scheduler: the node is to pull, whatever its taints.
      nodeName: node,
      restartPolicy: 'Never',
      activeDeadlineSeconds: 600,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }],
      securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'pull',
          image,
          imagePullPolicy: 'Always',
          command: ['/niximage-doctor-pulled-it'],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}
