import type { ImageState } from '../../runtime/contract/keeper.ts';
import type { NixImage } from '../resource/niximage.ts';
import { parseNamespaces } from './namespaces.ts';

/** Match the namespaces whose tags stay what they are, whatever a manifest says. */
export type ImmutableTags = readonly RegExp[];

type Parsed =
  | { readonly ok: true; readonly value: ImmutableTags }
  | { readonly ok: false; readonly expected: string };

/** Reads `prod,team-*`; `*` stands for all namespaces. */
export function parseImmutableTags(text: string): Parsed {
  const value = text.split(',').map((each) => parseNamespaces(each.trim()));
  return value.every((each) => each !== undefined)
    ? { ok: true, value }
    : { ok: false, expected: 'namespaces with commas between them, such as prod,team-*' };
}

/**
 * Why an image may not be built under its tag, in a sentence; undefined where it may. That of another object counts for
 * nothing: one that is deleted takes its tags along.
 * @param hash the input hash of what is to be built.
 * @param uid of the image's object.
 */
export function tagRefusal(
  { data, namespace }: NixImage,
  observed: ImageState,
  { hash, uid }: { readonly hash: string; readonly uid: string },
  immutable: ImmutableTags,
): string | undefined {
  if (observed.state !== 'Present' || observed.publication.uid !== uid) return undefined;
  if (observed.publication.inputHash === hash) return undefined;
  const served = `the tag ${data.tag} is served with other contents, and`;
  const whatToDo = 'give the changed contents another tag';
  if (immutable.some((pattern) => pattern.test(namespace)))
    return `${served} by immutable-tags of this cluster's policy the tags of the namespace ${namespace} stay what they are; ${whatToDo}`;
  return data.tagPolicy === 'Immutable' ? `${served} data.tagPolicy is Immutable; ${whatToDo}` : undefined;
}
