import { join } from 'node:path';
import type { PackageSet } from '../runtime/contract/packageSet.ts';
import type { Activity } from '../runtime/contract/progress.ts';
import type { BuildReport } from '../runtime/contract/report.ts';
import type { OrderedSource, ResolvedSource } from '../runtime/contract/sources.ts';
import { withCertificates } from './certificates.ts';
import { BuildError } from './errors.ts';
import { defaultFormat, type ImageFormat, mediaTypesOf } from './format.ts';
import { freeBytesAt, requireFree } from './freeSpace.ts';
import type { NixContext } from './nix/query.ts';
import type { Environment } from './nix/settings.ts';
import { BuildObserver } from './observer.ts';
import { ProgressWriter } from './progressWriter.ts';
import { failureOf } from './report.ts';
import { type Secrets, withSecrets } from './secrets.ts';
import { type ImageSource, imageSource } from './source.ts';
import { makeWorkFolder, type WorkFolder } from './workFolder.ts';

/** One image to build, with all that its result depends on. */
export interface BuildRequest {
  /** Text of the Nix expression. */
  readonly expressionText: string;
  readonly namespace: string;
  /** metadata.name of the NixImage: the repository's last component. */
  readonly name: string;
  readonly tag: string;
  /** What orders this publication among those of the same tag. */
  readonly publication: {
    readonly uid: string;
    /** RFC 3339. */
    readonly created: string;
    readonly ordinal: number;
    readonly inputHash: string;
  };
  /** Names the build: its progress and its leases are kept under it. */
  readonly pod: string;
  readonly packageSet: PackageSet;
  /** Default: zstd at its level 3, and OCI's media types. */
  readonly format?: ImageFormat;
  /** What `<nixpkgs>` stands for; where absent, what NIX_PATH of `environment` says. */
  readonly nixpkgs?: string;
  /** Nix code to fetch first, by its names in NIX_PATH. */
  readonly sources?: readonly OrderedSource[];
  /** Path of the namespace's own tree. */
  readonly store: string;
  readonly environment: Environment;
  /** What Nix is to fetch with. */
  readonly secrets?: Secrets;
  /** Binary caches that the image's packages are copied into. */
  readonly pushTo?: readonly string[];
  /** Bytes that must be free in the store and in /nix. */
  readonly minimumFree: number;
  /** Whether builds may be put into a sandbox. */
  readonly sandbox: boolean;
  /** Called when what the build does changes. */
  readonly onActivity?: (activity: Activity) => void;
  /** Called with each line of the log; the build waits for its promise. */
  readonly onLog?: (line: string) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Builds one image and publishes it in the store. Never throws: whatever goes wrong is in the report.
 * Nothing half-written is left: a file appears in the store when it is whole, and the tag comes last.
 */
export async function buildImage(request: BuildRequest): Promise<BuildReport> {
  try {
    requireTag(request.tag);
    await using folder = await makeWorkFolder(
      request.environment['TMPDIR'] ?? '/tmp',
      request.expressionText,
    );
    return await buildIn(folder, request);
  } catch (error) {
    return failureOf(request.signal.aborted ? interrupted(request.signal) : error);
  }
}

async function buildIn(folder: WorkFolder, request: BuildRequest): Promise<BuildReport> {
  const { openStore } = await import('./openStore.ts');
  const store = await openStore(request.store, request.pod);
  const progress = new ProgressWriter(request.pod, (value) => store.writeProgress(value));
  const observer = new BuildObserver({
    onActivity: (activity) => {
      progress.set(activity);
      request.onActivity?.(activity);
    },
    onLog: (line) => request.onLog?.(line),
  });
  try {
    requireFree(`the store ${request.store}`, await store.freeBytes(), request.minimumFree);
    requireFree('/nix', await freeBytesAt('/nix'), request.minimumFree);
    observer.activity({ kind: 'Evaluating' });
    const { context, sources } = await withSources(await contextOf(folder, request), request, observer);
    const [source, { writeImage }, { publish }] = await Promise.all([
      imageSource(context, folder.path, observer),
      // Read while Nix works: what writes an image is not needed before.
      import('./writeImage.ts'),
      import('./publish.ts'),
    ]);
    const { packageSet, format = defaultFormat } = request;
    const [image] = await Promise.all([
      writeImage({ source, context, store, observer, packageSet, compression: format.compression }),
      // Before the image is published: the Pod may go as soon as that is seen.
      pushPackages(request, context, source, observer),
    ]);
    request.signal.throwIfAborted();
    observer.activity({ kind: 'Publishing' });
    const report = await publish(store, request, image, mediaTypesOf(format));
    return sources.length === 0 ? report : { ...report, sources };
  } finally {
    await progress.stop();
    await store.close();
  }
}

/** A cache that does not take them is told in the log: the image needs none. */
async function pushPackages(
  { pushTo = [], secrets }: BuildRequest,
  context: NixContext,
  source: ImageSource,
  observer: BuildObserver,
): Promise<void> {
  if (pushTo.length === 0) return;
  if (source.kind === 'Archive') {
    await observer.log('nothing is copied into a cache: an archive does not tell what its packages are');
    return;
  }
  const paths = source.conf.storeLayers.flat();
  const { push } = await import('./nix/push.ts');
  for (const cache of pushTo) {
    await observer.log(`copying ${paths.length} store paths into ${cache}`);
    const problem = await push(context, cache, paths, secrets?.signingKey);
    await observer.log(
      problem === undefined
        ? `${paths.length} store paths are in ${cache}`
        : `the packages could not be copied into ${cache}: ${problem}`,
    );
  }
}

/** The sources, fetched, and the same context with their names in NIX_PATH. */
async function withSources(
  context: NixContext,
  { sources = [] }: BuildRequest,
  observer: BuildObserver,
): Promise<{ context: NixContext; sources: readonly ResolvedSource[] }> {
  if (sources.length === 0) return { context, sources: [] };
  const { fetchSources } = await import('./nix/sources.ts');
  const fetched = await fetchSources(context, sources, observer.nixEvent.bind(observer));
  return {
    context: { ...context, settings: { ...context.settings, sources: fetched } },
    sources: fetched.map(({ path: _path, flake: _flake, ...resolved }) => resolved),
  };
}

async function contextOf(folder: WorkFolder, request: BuildRequest): Promise<NixContext> {
  const environment = await withCertificates(request.environment, folder.path);
  const secret = await request.secrets?.environment(join(folder.path, 'home'));
  return {
    settings: {
      environment: withSecrets(environment, secret ?? {}),
      ...(request.nixpkgs === undefined ? {} : { nixpkgs: request.nixpkgs }),
      workFolder: folder.path,
      sandbox: request.sandbox,
    },
    signal: request.signal,
    expression: folder.expression,
  };
}

/** nixpkgs pastes the tag unescaped into a shell script, so it is looked at once more before Nix sees it. */
function requireTag(tag: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) return;
  throw new BuildError(
    'EvaluationFailed',
    `data.tag: ${JSON.stringify(tag)} is no tag; use 1 to 128 letters, digits, dots, dashes and underscores, and begin with a letter, digit or underscore`,
  );
}

function interrupted(signal: AbortSignal): BuildError {
  return new BuildError(
    'Interrupted',
    'the build was stopped before it was done; nothing of it is published, and it can be started again',
    { transient: true, cause: signal.reason },
  );
}
