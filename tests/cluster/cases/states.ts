import { execa } from 'execa';
import type { ImageHandle } from '../support/niximages.ts';
import type { Site } from '../support/site.ts';

/** Watches an image that need not be there yet. @returns the states it went through until the given one. */
export async function statesUntil(
  site: Site,
  { name, namespace }: ImageHandle,
  last: string,
): Promise<string[]> {
  const states: string[] = [];
  const which = ['-n', namespace, `--field-selector=metadata.name=${name}`];
  await watch(site, [...which, '-o=jsonpath={.status.state}{"\\n"}'], (state) => {
    if (state !== '' && state !== states.at(-1)) states.push(state);
    return state === last;
  });
  return states;
}

/** Until each of so many images of a namespace has this status of the condition Ready. */
export async function untilAll(
  site: Site,
  { place, images }: { readonly place: string; readonly images: number },
  ready: 'True' | 'Unknown',
): Promise<void> {
  const seen = new Map<string, string>();
  const path = '{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}';
  await watch(site, ['-n', place, `-o=jsonpath=${path}`], (line) => {
    const [name = '', status = ''] = line.split(' ');
    seen.set(name, status);
    return seen.size >= images && [...seen.values()].every((each) => each === ready);
  });
}

/** Shows each line of a watch to `isLast`, until that says yes. */
async function watch(site: Site, words: readonly string[], isLast: (line: string) => boolean): Promise<void> {
  const call = ['get', 'niximages', '--watch', ...words, `--kubeconfig=${site.kubeconfig}`];
  const watching = execa(site.kubectlProgram, call, { timeout: 120_000, reject: false });
  for await (const line of watching) {
    if (!isLast(line)) continue;
    watching.kill();
    await watching;
    return;
  }
  const { stderr } = await watching;
  throw new Error(`kubectl ${call.join(' ')} ended before what was waited for: ${stderr}`);
}
