import { writeFile } from 'node:fs/promises';
import { inputHash } from '../../../hooks/inputHash.ts';
import type { Site } from '../support/site.ts';

/** The cheapest image there is: a script, and the shell that it names. */
export const small = { tag: 'v1', contents: ['"my.pkg"'], defaults: false } as const;

/** The input hash of that. */
export const smallHash = inputHash({ ...small, contents: [...small.contents] }, 'demo');

/** Makes a namespace that may have images, for the cases of one file: what others do is not seen in it. */
export async function makePlace(site: Site, namespace: string): Promise<void> {
  await site.must(['create', 'namespace', namespace]);
  await enable(site, namespace);
}

/** Labels a namespace, and waits for its volume. */
export async function enable(site: Site, namespace: string): Promise<void> {
  await site.must(['label', 'namespace', namespace, 'k8s.nixos.org/images=enabled']);
  for (const what of ['create', 'jsonpath={.status.phase}=Bound'])
    await site.must(['wait', `--for=${what}`, '--timeout=60s', '-n', namespace, 'pvc/niximage-store']);
}

/**
 * Names of all Pods of the image that were ever given a node, also of those that are gone: the cluster keeps an event
 * of each for an hour. One that was made twice is named twice.
 */
export async function podsEver(site: Site, namespace: string, image: string): Promise<string[]> {
  const selector = '--field-selector=involvedObject.kind=Pod,reason=Scheduled';
  const path = 'jsonpath={range .items[*]}{.involvedObject.name} {.involvedObject.uid}{"\\n"}{end}';
  const lines = (await site.must(['get', 'events', '-n', namespace, selector, '-o', path])).split('\n');
  const ours = new RegExp(`^${image}-[0-9a-f]{10}-[0-9]+ `);
  return [...new Set(lines.filter((line) => ours.test(line)))].map((line) => line.split(' ')[0] ?? '').sort();
}

/** What keeps a build waiting until the test lets it go on. */
export interface Gate {
  /** The image's `extraCommands`. */
  readonly commands: string;
  open(): Promise<void>;
}

/** The builder sees its namespace's folder of the volume, and the test sees it too. */
export function gateIn(site: Site, namespace: string, name: string): Gate {
  const file = `gate-${name}`;
  return {
    commands: `until test -e /niximage/store/${file}; do sleep 0.1; done\n`,
    open: () => writeFile(`${site.volume}/${namespace}/${file}`, ''),
  };
}
