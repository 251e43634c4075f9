import type { Child } from '../metacontroller.ts';
import { builderPolicy, type EgressSettings } from './egress.ts';
import type { Attachment, NamespaceRequest } from './request.ts';
import { namespaceClaim, namespaceVolume, type VolumeSettings } from './volume.ts';

export interface DecoratorSettings {
  readonly volume: VolumeSettings;
  readonly egress: EgressSettings;
}

export interface DecorateResponse {
  readonly attachments: readonly Child[];
  readonly resyncAfterSeconds?: number;
  readonly finalized?: boolean;
}

/** Seconds after which the keeper, or what is being removed, is asked after again. */
const askAgain = 5;

/**
 * What a namespace that may have images gets: its volume, a claim on it, and the rule for its builders' network. Pure.
 * @param isPrepared whether the keeper has made the namespace's tree; until then nothing is added or taken away.
 */
export function decorate(
  request: NamespaceRequest,
  isPrepared: boolean,
  settings: DecoratorSettings,
): DecorateResponse {
  const policy = builderPolicy(request.name, settings.egress);
  const waiting = (...pair: Attachment[]): DecorateResponse => ({
    attachments: [policy, ...pair.map(asItIs)],
    resyncAfterSeconds: askAgain,
  });
  const { volume, claim } = request;
  const pair = [volume, claim].filter((one) => one !== undefined);
  // A claim that was deleted leaves its volume Released, and a volume that was deleted its claim Lost: neither is ever
  // bound again. Both go, and are made anew; the folder stays.
  if (isBroken(volume) || isBroken(claim)) return waiting();
  // Two objects cannot have one name, and a claim must not be bound to a volume that is going.
  if (pair.some(({ going }) => going) || !isPrepared) return waiting(...pair.filter(({ going }) => !going));
  const held = [policy, namespaceVolume(request.name, settings.volume)];
  // Before the cluster knows its volume a claim is not bound, and is looked at again only every 15 seconds.
  if (claim === undefined && volume?.phase !== 'Available')
    return { attachments: held, resyncAfterSeconds: askAgain };
  return { attachments: [...held, namespaceClaim(request.name, settings.volume)] };
}

/** The namespace goes, or may have images no longer: its volume goes, what is on it stays until it is collected. */
export function undecorate(): DecorateResponse {
  return { attachments: [], finalized: true };
}

function isBroken(attachment: Attachment | undefined): boolean {
  return ['Released', 'Failed', 'Lost'].includes(attachment?.phase ?? '');
}

/** OnDelete: naming it is enough to keep it. */
function asItIs({ apiVersion, kind, name, namespace }: Attachment): Child {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}
