import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '../objects/kubeObject.ts';
import type { Mount, PodSpec } from './podSpec.ts';

/** A Pod's command line and environment, with the paths of its mounts replaced by folders of this machine. */
export interface Sandbox {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly terminationFile: string;
}

export interface SandboxPlaces {
  /** The Pod's own folder; it goes with the Pod. */
  readonly folder: string;
  /** The tree that the claim stands for. */
  readonly claim: string;
  readonly configMap: (name: string) => KubeObject | undefined;
}

/** The machine's own Nix store stands for a Pod's: a store of another path would give other packages. */
const sharedPaths = ['/nix'];

/** Makes the folders of a Pod's volumes. @throws {Error} where a ConfigMap is missing. */
export async function makeSandbox(spec: PodSpec, places: SandboxPlaces): Promise<Sandbox> {
  const paths = new Map<string, string>();
  for (const mount of spec.mounts) {
    if (sharedPaths.includes(mount.path)) continue;
    paths.set(mount.path, join(await folderOf(mount, places), mount.subPath ?? ''));
  }
  const terminationFile = terminationFileIn(places.folder);
  await mkdir(places.folder, { recursive: true, mode: 0o700 });
  paths.set(spec.terminationMessagePath, terminationFile);
  return {
    args: spec.args.map((argument) => localArgument(argument, paths)),
    env: Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, localPath(value, paths)])),
    terminationFile,
  };
}

export function terminationFileIn(folder: string): string {
  return join(folder, 'termination-log');
}

async function folderOf({ path, volume }: Mount, places: SandboxPlaces): Promise<string> {
  switch (volume.kind) {
    case 'Claim':
      return places.claim;
    case 'HostPath':
      return volume.path;
    case 'EmptyDir': {
      const folder = join(places.folder, 'volumes', volume.name);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return folder;
    }
    case 'ConfigMap': {
      const data = places.configMap(volume.name)?.['data'];
      if (typeof data !== 'object' || data === null)
        throw new Error(`the ConfigMap ${volume.name}, mounted at ${path}, is not there`);
      const folder = join(places.folder, 'config', volume.name);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const [name, text] of Object.entries(data)) await writeWhole(join(folder, name), String(text));
      return folder;
    }
  }
}

/** A process of an earlier session may be reading what was there before. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** A path is looked for at the start of an argument, after the first `=` of an option, and as a string of JSON. */
function localArgument(argument: string, paths: ReadonlyMap<string, string>): string {
  const option = /^(--[^=]+=)(.*)$/s.exec(argument);
  const local =
    option === null ? localPath(argument, paths) : `${option[1]}${localPath(option[2] ?? '', paths)}`;
  return [...paths].reduce(
    (text, [mountPath, folder]) => text.replaceAll(JSON.stringify(mountPath), JSON.stringify(folder)),
    local,
  );
}

function localPath(value: string, paths: ReadonlyMap<string, string>): string {
  for (const [mountPath, folder] of paths)
    if (value === mountPath || value.startsWith(`${mountPath}/`))
      return folder + value.slice(mountPath.length);
  return value;
}

export async function removeSandbox(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
