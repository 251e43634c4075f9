import { jsonReply, type Reply } from './reply.ts';

/**
 * GET of the manifests that refer to another: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 * Nothing in the store refers to an image, and the spec wants an empty index then, for unknown images and digests too.
 */
export function referrersReply(): Reply {
  return jsonReply({ schemaVersion: 2, mediaType: indexType, manifests: [] }, { type: indexType });
}

const indexType = 'application/vnd.oci.image.index.v1+json';
