import type { RegistryPath } from '../path.ts';
import { Problem } from '../problem.ts';
import type { Images } from './images.ts';
import { jsonReply, type Reply } from './reply.ts';
import { writtenOnce } from './written.ts';

type TagsPath = Extract<RegistryPath, { kind: 'TagsList' }>;

/** GET of the tags: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags */
export async function tagsReply(images: Images, { repository, query }: TagsPath): Promise<Reply> {
  const count = pageSize(query.get('n'));
  const all = await images.tags(repository);
  if (all === undefined)
    throw new Problem('NAME_UNKNOWN', `there is no image ${repository.text} here`, {
      name: repository.text,
    });
  const last = query.get('last') ?? undefined;
  if (last === undefined && count >= all.length) return wholeTags(repository.text, all);
  const { tags, next } = page(all, count, last);
  const headers =
    next === undefined
      ? {}
      : {
          link: `</v2/${repository.text}/tags/list?n=${tags.length}&last=${encodeURIComponent(next)}>; rel="next"`,
        };
  return jsonReply({ name: repository.text, tags }, { headers });
}

/** All tags. */
export function wholeTags(name: string, tags: readonly string[]): Reply {
  return writtenOnce(tags, name, () => jsonReply({ name, tags }));
}

/** Any number is allowed: a larger one than there are tags gives all of them. */
function pageSize(text: string | null): number {
  if (text === null) return Number.POSITIVE_INFINITY;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Problem('PAGINATION_NUMBER_INVALID', 'n must be a whole number from 0');
}

interface Page {
  readonly tags: readonly string[];
  /** The last tag of this page where more follow. */
  readonly next: string | undefined;
}

/** The first `count` of the sorted tags that come after `last`, which need not be one of them. */
function page(sorted: readonly string[], count: number, last?: string): Page {
  const start = last === undefined ? 0 : firstAfter(sorted, last);
  const tags = sorted.slice(start, start + count);
  const more = start + tags.length < sorted.length;
  return { tags, next: more ? tags.at(-1) : undefined };
}

function firstAfter(sorted: readonly string[], last: string): number {
  const index = sorted.findIndex((tag) => tag > last);
  return index === -1 ? sorted.length : index;
}
