import { join } from 'node:path';
import { buildImage } from '../../builder/build.ts';
import type { ImageFormat } from '../../builder/format.ts';
import { defaultMinimumFree } from '../../builder/freeSpace.ts';
import { nixConfig } from '../../hooks/children/fetching.ts';
import { renderExpression } from '../../hooks/expression/render.ts';
import { inputHash } from '../../hooks/inputHash.ts';
import { type SourceVolumes } from '../../hooks/policy/sourceVolumes.ts';
import { allSources } from '../../hooks/resource/allSources.ts';
import type { NixImage } from '../../hooks/resource/niximage.ts';
import type { BuildReport } from '../../runtime/contract/report.ts';
import type { OrderedSource, Source } from '../../runtime/contract/sources.ts';
import type { Terminal } from '../command.ts';
import { ActivityLine } from '../terminal/activityLine.ts';
import type { PackageSource } from '../up/packageSource.ts';
import { UsageError } from '../usageError.ts';
import type { LocalStore } from './localStore.ts';

/** Where an image goes, and in what form. */
export interface LocalTarget {
  readonly store: LocalStore;
  readonly format: ImageFormat;
  readonly sourceVolumes: SourceVolumes;
}

/** The owner and the age of images that no cluster knows: the ordinal alone orders their builds. */
const localUid = 'local';
const created = '1970-01-01T00:00:00Z';

/** Builds one image into the store, with a line for each step on stderr. Never throws: the report says what went wrong. */
export async function buildLocally(
  image: NixImage,
  { store: { store, tree }, format, sourceVolumes }: LocalTarget,
  source: PackageSource & { readonly path: string },
  { env, stderr, signal }: Terminal,
): Promise<BuildReport> {
  const reader = await store.namespace(image.namespace);
  const last = await reader?.currentPublication(image.name, image.data.tag);
  const line = new ActivityLine(stderr);
  const report = await buildImage({
    expressionText: renderExpression(image, { packageSet: source.set }),
    namespace: image.namespace,
    name: image.name,
    tag: image.data.tag,
    publication: {
      uid: localUid,
      created,
      ordinal: (last?.ordinal ?? 0) + 1,
      inputHash: inputHash(image.data, source.set),
    },
    pod: `build-${process.pid}`,
    packageSet: source.set,
    format,
    nixpkgs: source.path,
    sources: allSources(image.data).map(localSource(sourceVolumes)),
    store: tree,
    environment: withCaches(env, image, source.set),
    minimumFree: defaultMinimumFree,
    sandbox: false,
    onActivity: (activity) => line.show(activity),
    signal,
  });
  line.clear();
  return report;
}

/** A source on a volume lies in a folder of this machine. */
function localSource(volumes: SourceVolumes): (source: Source) => OrderedSource {
  return ({ volume, ...source }) => {
    if (volume === undefined) return source;
    const { hostPath } = (volumes[volume.name]?.volume ?? {}) as { hostPath?: { path?: unknown } };
    const root = hostPath?.path;
    if (typeof root !== 'string')
      throw new UsageError(
        `data.sources: ${source.name}: --source-volumes names no folder of this machine for ${volume.name}; say for instance --source-volumes='{"${volume.name}":{"volume":{"hostPath":{"path":"/srv"}}}}'.`,
      );
    return { ...source, folder: join(root, volume.path ?? '') };
  };
}

/** The environment with the manifest's own caches after the user's. No cache has what the offline set is made of. */
function withCaches(
  env: Terminal['env'],
  { data: { nix = {} } }: NixImage,
  packageSet: PackageSource['set'],
): Terminal['env'] {
  const given = env['NIX_CONFIG'];
  const config = nixConfig(packageSet === 'demo' ? `${given ?? ''}\nsubstituters =` : given, nix);
  return config === undefined ? env : { ...env, NIX_CONFIG: config };
}
