import { readFile, writeFile } from 'node:fs/promises';
import type { Site } from '../support/site.ts';

/** Takes a component into the site's overlay, beside those that it has. @returns what takes it out again. */
export async function takeComponent({ overlay }: Site, name: string): Promise<() => Promise<void>> {
  const file = `${overlay}/kustomization.yaml`;
  const before = await readFile(file, 'utf8');
  const [, taken] = /^components: \[(.*)\]$/m.exec(before) ?? [];
  const rest = before.replace(/^components: .*\n/m, '');
  const all = [...(taken === undefined ? [] : [taken]), `../../components/${name}`];
  await writeFile(file, `${rest}components: [${all.join(', ')}]\n`);
  return () => writeFile(file, before);
}
