import { isNamespace, isTag, repositoryLimit } from '../oci/names.ts';
import { isUploadId } from '../oci/store/push/uploads.ts';
import { Problem } from './problem.ts';

/** An image's place in the store. `text` is the name as the client wrote it. */
export interface Repository {
  readonly namespace: string;
  readonly name: string;
  readonly text: string;
}

/** What a request's URL asks for. Every name, tag and digest in it has been checked: none can leave its folder. */
export type RegistryPath =
  | { readonly kind: 'Base' }
  | { readonly kind: 'ManifestByTag'; readonly repository: Repository; readonly tag: string }
  | { readonly kind: 'ManifestByDigest'; readonly repository: Repository; readonly digest: string }
  | { readonly kind: 'Blob'; readonly repository: Repository; readonly digest: string }
  | { readonly kind: 'TagsList'; readonly repository: Repository; readonly query: URLSearchParams }
  | {
      readonly kind: 'Referrers';
      readonly repository: Repository;
      readonly digest: string;
      readonly query: URLSearchParams;
    }
  /** Where uploads begin. */
  | { readonly kind: 'Uploads'; readonly repository: Repository }
  | { readonly kind: 'Upload'; readonly repository: Repository; readonly id: string }
  | { readonly kind: 'Catalog' }
  | { readonly kind: 'Refused'; readonly problem: Problem };

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const namePattern = new RegExp(`^${component}(?:/${component})*$`);
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * Reads a request's raw URL. Nothing is decoded: a percent sign is part of no name, tag or digest, so that an encoded
 * slash or dot is refused and not understood. Never throws.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
 */
export function parsePath(url: string): RegistryPath {
  const [path, query] = split(url);
  if (path === '/v2/' || path === '/v2') return { kind: 'Base' };
  if (!path.startsWith('/v2/')) return unknownRoute;
  const rest = path.slice('/v2/'.length);
  if (rest === '_catalog') return { kind: 'Catalog' };
  // The last two components say what is asked for; a name may itself end in `/manifests` or `/tags`.
  const end = rest.lastIndexOf('/');
  const middle = rest.lastIndexOf('/', end - 1);
  if (end === -1) return unknownRoute;
  const last = rest.slice(end + 1);
  const what = rest.slice(middle + 1, end);
  const name = middle === -1 ? '' : rest.slice(0, middle);
  switch (what) {
    case 'manifests':
      return withRepository(name, (repository) => manifest(repository, last));
    case 'blobs':
      return withRepository(name, (repository) => blob(repository, last));
    case 'referrers':
      return withRepository(name, (repository) =>
        withDigest(last, (digest) => ({
          kind: 'Referrers',
          repository,
          digest,
          query: new URLSearchParams(query),
        })),
      );
    case 'tags':
      if (last !== 'list') return unknownRoute;
      return withRepository(name, (repository) => ({
        kind: 'TagsList',
        repository,
        query: new URLSearchParams(query),
      }));
    default:
      return upload(rest);
  }
}

/** The query of a raw URL. */
export function parseQuery(url: string): URLSearchParams {
  return new URLSearchParams(split(url)[1]);
}

/** The path and the query; of the absolute form of a URL (RFC 9112, section 3.2.2) the host is left out. */
function split(url: string): readonly [path: string, query: string] {
  const raw = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = raw.indexOf('?');
  return mark === -1 ? [raw, ''] : [raw.slice(0, mark), raw.slice(mark + 1)];
}

function manifest(repository: Repository, reference: string): RegistryPath {
  if (isTag(reference)) return { kind: 'ManifestByTag', repository, tag: reference };
  if (reference.includes(':'))
    return withDigest(reference, (digest) => ({ kind: 'ManifestByDigest', repository, digest }));
  const message =
    'no image has such a tag: 1 to 128 letters, digits, dots, dashes and underscores are possible';
  return { kind: 'Refused', problem: new Problem('MANIFEST_UNKNOWN', message) };
}

function blob(repository: Repository, last: string): RegistryPath {
  if (last === 'uploads') return { kind: 'Uploads', repository };
  return withDigest(last, (digest) => ({ kind: 'Blob', repository, digest }));
}

function upload(rest: string): RegistryPath {
  const match = /^(.+)\/blobs\/uploads\/([^/]*)$/.exec(rest);
  const [, name, id] = match ?? [];
  if (name === undefined || id === undefined) return unknownRoute;
  return withRepository(name, (repository) => {
    if (id === '') return { kind: 'Uploads', repository };
    return isUploadId(id) ? { kind: 'Upload', repository, id } : unknownUpload;
  });
}

function withDigest(text: string, then: (digest: string) => RegistryPath): RegistryPath {
  if (digestPattern.test(text)) return then(text);
  const message = 'a digest is sha256: and 64, or sha512: and 128 lower-case hexadecimal digits';
  return { kind: 'Refused', problem: new Problem('DIGEST_INVALID', message) };
}

function withRepository(text: string, then: (repository: Repository) => RegistryPath): RegistryPath {
  if (text.length > repositoryLimit || !namePattern.test(text)) return invalidName;
  const slash = text.indexOf('/');
  const namespace = slash === -1 ? 'default' : text.slice(0, slash);
  const name = text.slice(slash + 1);
  if (name.includes('/') || !isNamespace(namespace)) return unknownName;
  return then({ namespace, name, text });
}

const unknownRoute: RegistryPath = {
  kind: 'Refused',
  problem: new Problem('NAME_UNKNOWN', 'there is nothing at this address; images are under /v2/'),
};
const unknownUpload: RegistryPath = {
  kind: 'Refused',
  problem: new Problem('BLOB_UPLOAD_UNKNOWN', 'there is no such upload; it may have ended'),
};
const invalidName: RegistryPath = {
  kind: 'Refused',
  problem: new Problem(
    'NAME_INVALID',
    'an image name has lower-case letters, digits, and single dots, dashes or underscores between them',
  ),
};
const unknownName: RegistryPath = {
  kind: 'Refused',
  problem: new Problem('NAME_UNKNOWN', 'an image is called <name> or <namespace>/<name> here'),
};
