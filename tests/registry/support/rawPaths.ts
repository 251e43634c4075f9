/** A stream of numbers that is the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hex = 'a'.repeat(64);

/** What paths are put together from: parts of real ones, ways out of a folder in every writing, and plain noise. */
const pieces: readonly string[] = [
  '/v2/',
  '/v2',
  'app',
  'default',
  'team',
  'victim',
  'manifests',
  'blobs',
  'tags',
  'list',
  'referrers',
  'uploads',
  '_catalog',
  '/',
  '//',
  '/./',
  '/../',
  '..',
  '.',
  '...',
  '../../',
  '..\\',
  '\\',
  '%2e',
  '%2e%2e',
  '%2E%2E/',
  '%2f',
  '%2F',
  '..%2f',
  '%2e%2e%2f',
  '%252e%252e%252f',
  '%c0%ae%c0%ae/',
  '%c0%af',
  '%e0%80%af',
  '%uff0e',
  '\xc0\xae',
  '\xc0\xaf',
  '%00',
  '\x00',
  '\x01',
  '\x7f',
  '\xff',
  '%',
  '%%',
  '%zz',
  '?',
  '&',
  '=',
  '?n=',
  '1',
  '-1',
  '99999999999999999999',
  '?last=',
  '#',
  ';',
  ':',
  '@',
  '*',
  '~',
  '$(id)',
  '`',
  '"',
  "'",
  '<',
  '>',
  '|',
  'sha256:',
  `sha256:${hex}`,
  `sha512:${hex}${hex}`,
  'sha256:..',
  'sha256:../../',
  'sha256%3A',
  'v1',
  'latest',
  '_marker.json',
  '_namespace.json',
  'etc/passwd',
  'proc/self/environ',
  'secret',
  'images',
  'http://x/',
  'constructor',
  '__proto__',
  'toString',
  'blobs/uploads/',
  ' ',
  '\t',
  '0f8fad5b-d9cb-469f-a165-70867728950e',
  'A'.repeat(300),
  'a/'.repeat(200),
];

/** A path that nobody should have to understand; one in a few hundred has 64 KiB. `extra` are pieces of the caller's. */
export function rawPath(random: () => number, extra: readonly string[]): string {
  const all = [...pieces, ...extra];
  const pick = (): string => all[Math.floor(random() * all.length)] ?? '';
  const begin = random() < 0.9 ? '/v2/' : '/';
  const path =
    begin + Array.from({ length: Math.floor(random() * 10) }, pick).join(random() < 0.5 ? '/' : '');
  return random() < 0.003 ? path.padEnd(65_536, pick() || 'x') : path;
}
