import { mediaTypes } from '../../oci/mediaTypes.ts';
import type { Referrer } from '../../oci/referrer.ts';
import type { RegistryPath } from '../path.ts';
import type { Images } from './images.ts';
import { jsonReply, type Reply } from './reply.ts';
import { writtenOnce } from './written.ts';

type ReferrersPath = Extract<RegistryPath, { kind: 'Referrers' }>;

/** A list goes on at the next page before it is larger than clients take: the spec's limit for a manifest. */
const pageBytes = 4 * 1024 * 1024 - 65_536;

/**
 * GET of the manifests that refer to another: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 * Where nothing does, the list is empty, for unknown images and digests too.
 */
export async function referrersReply(images: Images, path: ReferrersPath): Promise<Reply> {
  const all = await images.referrers(path.repository, path.digest);
  return path.query.size === 0 ? allReferrers(path, all) : pageOf(path, all);
}

/** All referrers, as far as they fit into a page. */
export function allReferrers(path: ReferrersPath, all: readonly Referrer[]): Reply {
  return writtenOnce(all, `${path.repository.text}@${path.digest}`, () => pageOf(path, all));
}

function pageOf({ repository, digest, query }: ReferrersPath, all: readonly Referrer[]): Reply {
  const type = query.get('artifactType');
  const last = query.get('last') ?? '';
  const wanted = all.filter(
    (referrer) => referrer.digest > last && (type === null || referrer.artifactType === type),
  );
  const manifests = firstPage(wanted);
  const end = manifests.length < wanted.length ? manifests.at(-1) : undefined;
  const more = new URLSearchParams({
    ...(type === null ? {} : { artifactType: type }),
    last: end?.digest ?? '',
  });
  return jsonReply(
    { schemaVersion: 2, mediaType: mediaTypes.index, manifests },
    {
      type: mediaTypes.index,
      headers: {
        ...(type === null ? {} : { 'oci-filters-applied': 'artifactType' }),
        ...(end === undefined
          ? {}
          : { link: `</v2/${repository.text}/referrers/${digest}?${more.toString()}>; rel="next"` }),
      },
    },
  );
}

/** At least one, and as many as fit into a page. */
function firstPage(referrers: readonly Referrer[]): readonly Referrer[] {
  let bytes = 0;
  const end = referrers.findIndex((referrer) => {
    const size = Buffer.byteLength(JSON.stringify(referrer)) + 1;
    bytes += size;
    return bytes > pageBytes && bytes > size;
  });
  return end === -1 ? referrers : referrers.slice(0, end);
}
