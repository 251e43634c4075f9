import { type Finding, ok, toDo } from '../finding.ts';
import type { ClusterObject } from '../kubectl.ts';
import { type ClusterView, listAt, nameOf, namespaceOf, textAt } from '../view.ts';
import { readyText } from './workload.ts';

/** With its defaults Metacontroller builds less than one image a second. */
export const neededFlags = [
  { name: '--client-go-qps', least: 100 },
  { name: '--client-go-burst', least: 200 },
  { name: '--workers', least: 20 },
] as const;

/** Metacontroller: whether it runs, and with the flags that it needs. */
export function checkMetacontroller({ workloads }: ClusterView): Finding {
  const check = 'Metacontroller';
  const found = workloads.map((workload) => ({ workload, container: containerOf(workload) }));
  const running = found.find(({ container }) => container !== undefined);
  if (running === undefined)
    return toDo(check, 'no Deployment or StatefulSet runs it; install it as docs/cluster.md says');
  const { workload, container } = running;
  const where = `${namespaceOf(workload)}/${nameOf(workload)}`;
  const { isReady, text } = readyText(workload);
  if (!isReady) return toDo(check, `${where}: ${text}; kubectl describe its Pod tells why`);
  const words = [...listAt(container, '.command'), ...listAt(container, '.args')].map(String);
  const low = neededFlags.filter(({ name, least }) => !(flagValue(words, name) >= least));
  if (low.length > 0) {
    const flags = low.map(({ name, least }) => `${name}=${least}`).join(' ');
    return toDo(check, `${where} is slow without these arguments: ${flags}`);
  }
  return ok(check, `${where}: ${text}, with the flags it needs`);
}

function containerOf(workload: ClusterObject): unknown {
  return listAt(workload, '.spec.template.spec.containers').find(
    (container) =>
      textAt(container, '.name') === 'metacontroller' ||
      /\bmetacontroller\b/.test(textAt(container, '.image')),
  );
}

/** Of `--name=5` or `--name 5`; NaN where it is not given. */
function flagValue(words: readonly string[], name: string): number {
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  const word = words[at];
  if (word === undefined) return Number.NaN;
  return Number(word === name ? words[at + 1] : word.slice(name.length + 1));
}
