import { parseDigest } from '../../oci/digest.ts';
import { referenceOf } from '../../oci/referrer.ts';
import type { Deletion } from '../../oci/store/push/pushTree.ts';
import type { RegistryPath } from '../path.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { emptyReply, type Reply } from '../serve/reply.ts';
import type { Pushing } from './pushing.ts';

type Deletable = Extract<RegistryPath, { kind: 'ManifestByTag' | 'ManifestByDigest' | 'Blob' }>;

/**
 * DELETE of a tag, a manifest or a blob: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-management
 * Only what was pushed can be deleted, and a blob only when no manifest of its namespace names it any more.
 */
export async function deleteReply(pushing: Pushing, path: Deletable): Promise<Reply> {
  const { repository } = path;
  const { name, text } = repository;
  switch (path.kind) {
    case 'ManifestByTag':
      return reply(
        await pushing.into(repository, (tree) => tree.deleteTag(name, path.tag)),
        'MANIFEST_UNKNOWN',
        `${text}:${path.tag}`,
      );
    case 'ManifestByDigest': {
      const digest = parseDigest(path.digest);
      const deletion = await pushing.into(repository, async (tree): Promise<Deletion> => {
        if (digest === undefined) return { kind: 'Missing' };
        const manifest = await tree.reader.readManifest(name, digest);
        const reference = manifest && referenceOf(manifest.bytes, digest, manifest);
        return await tree.deleteManifest(name, digest, reference);
      });
      return reply(deletion, 'MANIFEST_UNKNOWN', `${text}@${path.digest}`);
    }
    case 'Blob': {
      const digest = parseDigest(path.digest);
      const deletion = await pushing.into(
        repository,
        async (tree): Promise<Deletion> =>
          digest === undefined ? { kind: 'Missing' } : await tree.deleteBlob(digest),
      );
      return reply(deletion, 'BLOB_UNKNOWN', path.digest);
    }
  }
}

function reply(deletion: Deletion, missing: ProblemCode, what: string): Reply {
  switch (deletion.kind) {
    case 'Deleted':
      return emptyReply(202, { 'content-length': 0 });
    case 'Missing':
      throw new Problem(missing, `there is no ${what} here`);
    case 'Built':
      throw new Problem(
        'DENIED',
        `${what} was built from a NixImage, and goes with it: kubectl delete niximage`,
      );
    case 'Used':
      throw new Problem('DENIED', `${what} is used by ${deletion.by}; delete that first`);
  }
}
