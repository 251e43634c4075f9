import { type ImageState, isOfBuild, type PublicationView } from '../runtime/contract/keeper.ts';
import { sourceTexts } from '../runtime/contract/sources.ts';
import type { SlotUse } from '../runtime/contract/turn.ts';
import {
  configMap,
  expressionLimit,
  type HandedOver,
  observedDigest,
  repeated,
} from './children/configMap.ts';
import { configMapName } from './children/names.ts';
import { builderPod, type PodSettings } from './children/pod.ts';
import { mergedOptions, type PodOptions } from './children/podOptions.ts';
import { renderExpression } from './expression/render.ts';
import { inputHash } from './inputHash.ts';
import type { Child, ObservedConfigMap, SyncRequest, SyncResponse } from './metacontroller.ts';
import { currentAttempt, mostAttempts } from './phase/attempt.ts';
import { buildPhase, type Phase } from './phase/phase.ts';
import { type ObservedTurn, slotUse } from './phase/turn.ts';
import { type ImmutableTags, tagRefusal } from './policy/immutableTags.ts';
import type { Limits } from './policy/limits.ts';
import type { Policy } from './policy/policy.ts';
import { refusalOf } from './policy/refusal.ts';
import { withConfigMaps } from './resource/configMaps.ts';
import type { NixImage } from './resource/niximage.ts';
import { problemsText, type Validated, validateNixImage } from './resource/validate.ts';
import { eventTime } from './status/eventTime.ts';
import { type LastStatus, lastStatus } from './status/lastStatus.ts';
import { orderedSources, resolvedSources } from './status/sources.ts';
import { statusOf } from './status/status.ts';

/** What the keeper says of the image's tag; `Unknown` where it cannot be asked, or cannot see the volume. */
export type ObservedImage = ImageState | { readonly state: 'Unknown'; readonly reason: string };

export interface SyncOptions {
  readonly pod: PodSettings;
  /** Host and port by which images are pulled. */
  readonly registryHost: string;
  /** What namespaces may use. */
  readonly policy: Policy;
  /** The most that manifests may ask for. */
  readonly limits?: Limits;
  readonly immutableTags?: ImmutableTags;
}

/** An answer, and what the keeper is to be told before it is given. */
export interface Synced {
  readonly response: SyncResponse;
  /** `Start` has an answer of its own (`ObservedTurn`): `sync` is asked again with that. */
  readonly slot: SlotUse | undefined;
}

/** The annotation whose change asks for a build of the same manifest. */
const rebuild = 'k8s.nixos.org/rebuild';

/** Seconds after which what only the keeper knows is asked again. */
const askAgain = {
  unknown: 5,
  noNamespaceYet: 1,
  noNamespace: 10,
  waiting: 60,
  publishing: 1,
  blocked: 10,
} as const;
/** Seconds in which the namespace of an image that is new may have been labelled together with it. */
const labelled = 30;

/** What the keeper is to be asked before `sync`; undefined where the parent is not valid, so that nobody need be asked. */
export function imageOf(request: SyncRequest): NixImage | undefined {
  const validated = validatedOf(request);
  return validated.ok ? validated.image : undefined;
}

/** One request is asked about twice, before the keeper is asked and after; nothing changes it meanwhile. */
const validatedRequests = new WeakMap<SyncRequest, Validated>();

function validatedOf(request: SyncRequest): Validated {
  const known = validatedRequests.get(request);
  if (known !== undefined) return known;
  const validated = validateNixImage(request.parent.object);
  validatedRequests.set(request, validated);
  return validated;
}

/**
 * From what is observed to what is wanted: the status, and the children. Pure; the same arguments give the same answer.
 * @param now milliseconds since 1970; used only to tell how long something has been waited for.
 * @param turn what the keeper says of the build's turn, once it was asked; without it no build is started.
 */
export function sync(
  request: SyncRequest,
  observed: ObservedImage,
  options: SyncOptions,
  now: number,
  turn?: ObservedTurn,
): Synced {
  const last = lastStatus(request.parent.object);
  const at = eventTime(request, last.state !== undefined);
  const generation = request.parent.generation;
  const respond = (phase: Phase, children: readonly Child[], resync?: number): Synced => ({
    response: {
      status: statusOf(phase, { last, at, generation, request, options }),
      children,
      ...(resync === undefined ? {} : { resyncAfterSeconds: resync }),
    },
    slot: slotUse(phase, request, last),
  });
  const validated = validatedOf(request);
  if (!validated.ok)
    return respond({ kind: 'Invalid', message: problemsText(validated.problems) }, kept(request));
  const refused = refusalOf(
    validated.image,
    options.policy,
    options.limits ?? {},
    options.pod.sourceVolumes ?? {},
  );
  if (refused !== undefined)
    return respond({ kind: 'Invalid', reason: 'PolicyRefused', message: refused }, kept(request));
  const resolved = withConfigMaps(validated.image.data, request.configMaps);
  if (!resolved.ok && !resolved.missing)
    return respond({ kind: 'Invalid', message: resolved.message }, kept(request));
  if (!resolved.ok)
    return respond(
      { kind: 'Waiting', image: validated.image, message: resolved.message },
      kept(request),
      askAgain.waiting,
    );
  const image = { ...validated.image, data: resolved.data };
  if (observed.state === 'Unknown')
    return respond({ kind: 'Unknown', message: observed.reason }, kept(request), askAgain.unknown);
  const hash = inputHash(image.data, options.pod.packageSet, request.parent.metadata.annotations?.[rebuild]);
  if (observed.state === 'NoNamespace')
    return respond(
      { kind: 'NoNamespace', image },
      kept(request),
      isNew(request, now) ? askAgain.noNamespaceYet : askAgain.noNamespace,
    );
  const { uid } = request.parent.metadata;
  if (isOfBuild(observed, { inputHash: hash, uid }))
    return builtResponse(request, image, hash, observed.publication, last, respond);
  const taken = tagRefusal(image, observed, { hash, uid }, options.immutableTags ?? []);
  if (taken !== undefined)
    return respond({ kind: 'Invalid', reason: 'TagIsTaken', message: taken }, kept(request));
  if (image.data.suspend === true) return respond({ kind: 'Suspended', image }, []);
  const held = heldBy(image, options);
  const size = Buffer.byteLength(held.expression) + Buffer.byteLength(held.texts ?? '');
  if (size > expressionLimit) return respond({ kind: 'Invalid', message: tooLong(size) }, kept(request));
  const pod = mergedOptions(options.pod.defaults ?? {}, image.data.pod ?? {});
  const most = pod.attempts ?? mostAttempts;
  const build = currentAttempt(
    request,
    last,
    hash,
    { name: image.name, published: ordinalOf(observed), most },
    now,
  );
  const phase = buildPhase(request, image, build, last, { most, now, turn });
  const children = [
    ...configMapChild(request, image, hash, held),
    ...podChild(request, image, phase, last, options.pod, pod),
  ];
  return respond(phase, children, phase.resyncAfterSeconds);
}

function isNew({ parent }: SyncRequest, now: number): boolean {
  return now - Date.parse(parent.metadata.creationTimestamp) < labelled * 1000;
}

type Respond = (phase: Phase, children: readonly Child[], resync?: number) => Synced;

function builtResponse(
  request: SyncRequest,
  image: NixImage,
  hash: string,
  publication: PublicationView,
  last: LastStatus,
  respond: Respond,
): Synced {
  // The Pod goes only when the object itself says Built: a lost status would leave nothing to conclude it from.
  const isSaid = last.state === 'Built' && last.build?.inputHash === hash;
  return respond({ kind: 'Built', image, hash, publication }, isSaid ? [] : kept(request));
}

function formatOf({ data }: NixImage): { compression?: string; mediaTypes?: string } {
  const { compression, mediaTypes } = data;
  return {
    ...(compression === undefined ? {} : { compression }),
    ...(mediaTypes === undefined ? {} : { mediaTypes }),
  };
}

function ordinalOf(observed: Exclude<ImageState, { state: 'NoNamespace' }>): number {
  return observed.state === 'Present' ? observed.publication.ordinal : observed.ordinal;
}

function tooLong(size: number): string {
  return `the expression of this image and the texts of its sources have ${size} bytes; a ConfigMap carries ${expressionLimit}; name fewer packages, or shorter texts`;
}

function heldBy(image: NixImage, { pod }: SyncOptions): HandedOver {
  const texts = sourceTexts(image.data.sources ?? []);
  return {
    expression: renderExpression(image, pod),
    ...(texts === undefined ? {} : { texts: JSON.stringify(texts) }),
  };
}

/**
 * Our children as they are, but those that are going: nothing is started, nothing is stopped. A ConfigMap is repeated
 * whole, for one that vanishes in between is then made again as it was.
 */
function kept({ children, parent }: SyncRequest): Child[] {
  const configMaps = [...children.configMaps.values()].filter(isStaying);
  const pods = [...children.pods.values()].filter(isStaying);
  return [
    ...configMaps.map((map) => repeated(map, parent.metadata.name)),
    ...pods.map(({ metadata }) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: metadata.name } })),
  ];
}

function isStaying({ metadata }: Pick<ObservedConfigMap, 'metadata'>): boolean {
  return metadata.deletionTimestamp === undefined;
}

function configMapChild(request: SyncRequest, image: NixImage, hash: string, held: HandedOver): Child[] {
  const name = configMapName(image.name, hash);
  // One that is going is waited for: two objects cannot have one name.
  if (request.children.configMaps.get(name)?.metadata.deletionTimestamp !== undefined) return [];
  return [configMap(name, image.name, held)];
}

/** The Pod of the current attempt, where one is wanted and all that it stands on has been seen. */
function podChild(
  request: SyncRequest,
  image: NixImage,
  phase: Phase,
  last: LastStatus,
  settings: PodSettings,
  pod: PodOptions,
): Child[] {
  if (!('build' in phase) || !phase.wantsPod) return [];
  const { build } = phase;
  // It is there, so it stays as it is.
  if (request.children.pods.has(build.pod))
    return [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: build.pod } }];
  const map = request.children.configMaps.get(configMapName(image.name, build.inputHash));
  const digest = map === undefined ? undefined : observedDigest(map);
  if (map === undefined || digest === undefined) return [];
  const { uid, namespace, creationTimestamp } = request.parent.metadata;
  const resolved = resolvedSources(image.data, build.inputHash, request, last, settings.nixpkgs);
  const sources = orderedSources(image.data, resolved);
  return [
    builderPod(
      {
        namespace,
        name: image.name,
        tag: image.data.tag,
        uid,
        created: creationTimestamp,
        ordinal: build.ordinal,
        inputHash: build.inputHash,
        pod: build.pod,
        expressionDigest: digest,
        ...formatOf(image),
        ...(sources === undefined ? {} : { sources }),
      },
      map.metadata.name,
      settings,
      pod,
      image.data,
    ),
  ];
}
