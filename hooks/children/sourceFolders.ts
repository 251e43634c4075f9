import type { OrderedSource } from '../../runtime/contract/sources.ts';
import type { SourceVolumes } from '../policy/sourceVolumes.ts';

type Json = Readonly<Record<string, unknown>>;

/** The sources as the order names them: texts are handed over beside it, and what is on a volume has a folder. */
export function withFolders(sources: readonly OrderedSource[]): OrderedSource[] {
  return sources.map(({ files: _files, volume, ...source }) =>
    volume === undefined ? source : { ...source, folder: folderOf(source.name) },
  );
}

/** Where the Pod mounts the folders of sources; no other part of the volume is seen. */
export function sourceMounts(sources: readonly OrderedSource[]): Json[] {
  return sources.flatMap(({ name, volume }) =>
    volume === undefined
      ? []
      : [
          {
            name: volumeName(volume.name),
            mountPath: folderOf(name),
            ...(volume.path === undefined ? {} : { subPath: volume.path }),
            readOnly: true,
          },
        ],
  );
}

/** The operator's volumes that sources lie on, each once. */
export function sourceVolumes(sources: readonly OrderedSource[], volumes: SourceVolumes): Json[] {
  const used = new Set(sources.flatMap(({ volume }) => (volume === undefined ? [] : [volume.name])));
  return [...used].map((name) => Object.assign({ name: volumeName(name) }, volumes[name]?.volume));
}

function folderOf(source: string): string {
  return `/niximage/sources/${source}`;
}

function volumeName(name: string): string {
  return `source-${name}`;
}
