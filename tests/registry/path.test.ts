import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parsePath } from '../../registry/path.ts';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;
const upload = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** What is asked for in one word, with the names that were read. */
function summary(url: string): string {
  const path = parsePath(url);
  switch (path.kind) {
    case 'Base':
    case 'Catalog':
      return path.kind;
    case 'Refused':
      return `Refused ${path.problem.code}`;
    case 'ManifestByTag':
      return `${path.kind} ${path.repository.namespace} ${path.repository.name} ${path.tag}`;
    case 'ManifestByDigest':
    case 'Blob':
    case 'Referrers':
      return `${path.kind} ${path.repository.namespace} ${path.repository.name} ${path.digest}`;
    case 'TagsList':
    case 'Uploads':
      return `${path.kind} ${path.repository.namespace} ${path.repository.name}`;
    case 'Upload':
      return `${path.kind} ${path.repository.namespace} ${path.repository.name} ${path.id}`;
  }
}

describe('what a URL asks for', () => {
  const rows: readonly { readonly url: string; readonly want: string; readonly reason: string }[] = [
    { url: '/v2/', want: 'Base', reason: 'the ping' },
    { url: '/v2', want: 'Base', reason: 'the ping of some clients' },
    { url: '/v2/?ns=a', want: 'Base', reason: 'a query is ignored' },
    { url: '/v2/a/manifests/v1', want: 'ManifestByTag default a v1', reason: 'one component is in default' },
    { url: '/v2/t/a/manifests/v1?ns=docker.io', want: 'ManifestByTag t a v1', reason: 'containerd adds ns=' },
    { url: 'http://host:1/v2/a/manifests/v1', want: 'ManifestByTag default a v1', reason: 'absolute form' },
    { url: `/v2/a/manifests/${digest}`, want: `ManifestByDigest default a ${digest}`, reason: 'by digest' },
    { url: `/v2/a/blobs/${digest}`, want: `Blob default a ${digest}`, reason: 'a blob' },
    { url: `/v2/a/referrers/${digest}`, want: `Referrers default a ${digest}`, reason: 'referrers' },
    { url: '/v2/a/tags/list?n=2', want: 'TagsList default a', reason: 'tags' },
    { url: '/v2/tags/tags/list', want: 'TagsList default tags', reason: 'a name may be a word of the API' },
    { url: '/v2/manifests/blobs/manifests/v1', want: 'ManifestByTag manifests blobs v1', reason: 'likewise' },
    { url: '/v2/_catalog', want: 'Catalog', reason: 'the list of all images' },
    { url: '/v2/a/blobs/uploads/', want: 'Uploads default a', reason: 'a push begins' },
    { url: `/v2/t/a/blobs/uploads/${upload}`, want: `Upload t a ${upload}`, reason: 'a push goes on' },
    { url: '/v2/t/a/blobs/uploads/1-2', want: 'Refused BLOB_UPLOAD_UNKNOWN', reason: 'no id of ours' },
    { url: '/v2/t/a/blobs/uploads/..', want: 'Refused BLOB_UPLOAD_UNKNOWN', reason: 'no id of ours' },
    {
      url: `/v2/a/manifests/sha512:${hex}${hex}`,
      want: `ManifestByDigest default a sha512:${hex}${hex}`,
      reason: 'sha512',
    },
    { url: '/v2/a/manifests/sha256:abc', want: 'Refused DIGEST_INVALID', reason: 'a short digest' },
    { url: `/v2/a/blobs/sha256:${hex.toUpperCase()}`, want: 'Refused DIGEST_INVALID', reason: 'upper case' },
    { url: `/v2/a/blobs/md5:${hex}`, want: 'Refused DIGEST_INVALID', reason: 'another algorithm' },
    { url: `/v2/a/blobs/sha256:${hex}%00`, want: 'Refused DIGEST_INVALID', reason: 'NUL behind a digest' },
    {
      url: `/v2/a/blobs/sha256:${hex}\n`,
      want: 'Refused DIGEST_INVALID',
      reason: 'a line break behind a digest',
    },
    { url: '/v2/a/manifests/.INVALID', want: 'Refused MANIFEST_UNKNOWN', reason: 'no tag begins with a dot' },
    { url: `/v2/a/manifests/${'t'.repeat(129)}`, want: 'Refused MANIFEST_UNKNOWN', reason: 'a long tag' },
    { url: '/v2/A/manifests/v1', want: 'Refused NAME_INVALID', reason: 'upper case' },
    { url: '/v2/../manifests/v1', want: 'Refused NAME_INVALID', reason: 'dots' },
    { url: '/v2/%2e%2e/manifests/v1', want: 'Refused NAME_INVALID', reason: 'encoded dots' },
    { url: '/v2/a%2fb/manifests/v1', want: 'Refused NAME_INVALID', reason: 'an encoded slash' },
    { url: '/v2/a%252fb/manifests/v1', want: 'Refused NAME_INVALID', reason: 'doubly encoded' },
    { url: '/v2/%c0%ae%c0%ae/manifests/v1', want: 'Refused NAME_INVALID', reason: 'overlong UTF-8' },
    { url: '/v2/a//b/manifests/v1', want: 'Refused NAME_INVALID', reason: 'an empty component' },
    { url: '/v2//manifests/v1', want: 'Refused NAME_INVALID', reason: 'an empty name' },
    { url: '/v2/manifests/v1', want: 'Refused NAME_INVALID', reason: 'no name' },
    {
      url: '/v2/a_b__c-d--e.f/manifests/v1',
      want: 'ManifestByTag default a_b__c-d--e.f v1',
      reason: 'all separators',
    },
    { url: '/v2/a..b/manifests/v1', want: 'Refused NAME_INVALID', reason: 'two dots between' },
    { url: '/v2/a/b/c/manifests/v1', want: 'Refused NAME_UNKNOWN', reason: 'three components' },
    { url: '/v2/t_t/a/manifests/v1', want: 'Refused NAME_UNKNOWN', reason: 'no namespace has underscores' },
    { url: `/v2/${'a'.repeat(65_536)}/manifests/v1`, want: 'Refused NAME_INVALID', reason: '64 KiB' },
    { url: '/', want: 'Refused NAME_UNKNOWN', reason: 'outside the API' },
    { url: '//v2/a/manifests/v1', want: 'Refused NAME_UNKNOWN', reason: 'outside the API' },
    { url: '/v2/a/tags/other', want: 'Refused NAME_UNKNOWN', reason: 'nothing there' },
    { url: '*', want: 'Refused NAME_UNKNOWN', reason: 'the asterisk form' },
    { url: '', want: 'Refused NAME_UNKNOWN', reason: 'nothing at all' },
  ];
  for (const { url, want, reason } of rows)
    test(`${reason}: ${url.slice(0, 60)}`, () => assert.equal(summary(url), want));
});

const nasty = fc.constantFrom(
  '..',
  '.',
  '%2e',
  '%2E%2e',
  '%2f',
  '/',
  '//',
  '%252f',
  '%00',
  '\0',
  '%c0%ae',
  '%c0%af',
  '\\',
  '%5c',
  '?',
  '#',
  ';',
  'v2',
  'a',
  'manifests',
  'blobs',
  'tags',
  'list',
  'referrers',
  'uploads',
  digest,
  'sha256:',
  '\u202e',
  '~',
  '\n',
  '+',
);
const urls = fc.oneof(
  fc.array(nasty, { maxLength: 12 }).map((parts) => `/v2/${parts.join('')}`),
  fc.array(nasty, { maxLength: 12 }).map((parts) => `/v2/${parts.join('/')}`),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

describe('any URL', () => {
  test('is read without an error, and what is read from it stays in its folder', () => {
    fc.assert(
      fc.property(urls, (url) => {
        const path = parsePath(url);
        const names =
          'repository' in path
            ? [
                path.repository.namespace,
                path.repository.name,
                ...('tag' in path ? [path.tag] : []),
                ...('digest' in path ? [path.digest] : []),
              ]
            : [];
        for (const name of names) {
          assert.match(name, /^[A-Za-z0-9_][A-Za-z0-9._:-]*$/);
          assert.ok(name.length <= 255);
          assert.ok(url.includes(name) || name === 'default');
        }
      }),
      { numRuns: 20_000 },
    );
  });

  test('that is built from valid parts gives these parts back', () => {
    const part = fc.stringMatching(/^[a-z0-9]+(-[a-z0-9]+)?$/).filter((text) => text.length < 60);
    const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
    fc.assert(
      fc.property(part, part, tag, (namespace, name, given) => {
        assert.equal(
          summary(`/v2/${namespace}/${name}/manifests/${given}`),
          `ManifestByTag ${namespace} ${name} ${given}`,
        );
      }),
    );
  });
});
