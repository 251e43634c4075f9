import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { closure } from '../../scripts/packages/closure.mjs';
import { lockOf } from '../../scripts/packages/lock.mjs';

interface Row {
  readonly version?: string;
  readonly depends?: string[][];
}

/** An index with these packages, and the names it was asked for. */
function indexOf(packages: Readonly<Record<string, Row>>) {
  const asked: string[][] = [];
  const lookUp = async (names: readonly string[]) => {
    asked.push([...names]);
    return names.flatMap((name) => {
      const found = packages[name];
      if (found === undefined) return [];
      return [{ name, version: found.version ?? '1', provides: [], depends: found.depends ?? [] }];
    });
  };
  return { lookUp, asked };
}

const nothing = { attributes: {}, outputs: {}, merge: {}, drop: [], cut: {} };

describe('the closure of a selection', () => {
  test('follows dependencies, one question a level', async () => {
    const { lookUp, asked } = indexOf({
      a: { depends: [['b'], ['c']] },
      b: { depends: [['c']] },
      c: {},
      z: {},
    });
    const { units } = await closure({ ...nothing, attributes: { a: 'a' } }, lookUp);
    assert.deepEqual(Object.fromEntries(Object.entries(units).map(([name, { deps }]) => [name, deps])), {
      a: ['b', 'c'],
      b: ['c'],
      c: [],
    });
    assert.deepEqual(asked, [['a'], ['b', 'c']]);
  });

  test('of alternatives it takes the first that there is', async () => {
    const { lookUp } = indexOf({ a: { depends: [['virtual', 'real', 'other']] }, real: {}, other: {} });
    const { units } = await closure({ ...nothing, attributes: { a: 'a' } }, lookUp);
    assert.deepEqual(units['a']?.deps, ['real']);
    assert.ok(!('other' in units));
  });

  test('what is dropped is gone, with what only it needs', async () => {
    const { lookUp } = indexOf({
      a: { depends: [['perl'], ['b']] },
      perl: { depends: [['more']] },
      more: {},
      b: {},
    });
    const { units } = await closure({ ...nothing, attributes: { a: 'a' }, drop: ['perl'] }, lookUp);
    assert.deepEqual(Object.keys(units).sort(), ['a', 'b']);
  });

  test('merged packages are one unit, which needs what any of them needs', async () => {
    const { lookUp } = indexOf({
      python3: { depends: [['python3-minimal'], ['x']] },
      'python3-minimal': { depends: [['y'], ['python3']] },
      x: {},
      y: {},
    });
    const { units } = await closure(
      { ...nothing, attributes: { python3: 'python3' }, merge: { python3: '^python3(-minimal)?$' } },
      lookUp,
    );
    assert.deepEqual(units['python3'], {
      version: '1',
      debs: ['python3', 'python3-minimal'],
      outputs: {},
      deps: ['x', 'y'],
    });
  });

  test('a further output is downloaded, and is no unit', async () => {
    const { lookUp } = indexOf({ curl: {}, 'curl-dev': { depends: [['curl']] } });
    const { units, packages } = await closure(
      { ...nothing, attributes: { curl: 'curl' }, outputs: { curl: { dev: 'curl-dev' } } },
      lookUp,
    );
    assert.deepEqual(Object.keys(units), ['curl']);
    assert.deepEqual(units['curl']?.outputs, { dev: 'curl-dev' });
    assert.deepEqual(packages.map(({ name }) => name).sort(), ['curl', 'curl-dev']);
  });

  test('a cycle is refused by name, and a cut opens it', async () => {
    const { lookUp } = indexOf({ a: { depends: [['b']] }, b: { depends: [['a']] } });
    const selection = { ...nothing, attributes: { a: 'a' } };
    await assert.rejects(closure(selection, lookUp), /a -> b -> a need each other/);
    const { units } = await closure({ ...selection, cut: { b: ['a'] } }, lookUp);
    assert.deepEqual(units['b']?.deps, []);
  });

  test('a package that is not there is named', async () => {
    const { lookUp } = indexOf({ a: { depends: [['gone', 'gone-too']] } });
    await assert.rejects(closure({ ...nothing, attributes: { b: 'b' } }, lookUp), /no package b;/);
    await assert.rejects(
      closure({ ...nothing, attributes: { a: 'a' } }, lookUp),
      /a needs gone or gone-too, which Debian's index does not hold/,
    );
  });

  for (const [debian, upstream] of [
    ['1:2.39.5-0+deb12u3', '2.39.5'],
    ['2.10-3', '2.10'],
    ['20250419~deb12u2', '20250419'],
    ['6.2.1+dfsg1-1.1', '6.2.1+dfsg1'],
  ] as const)
    test(`Debian's version ${debian} is upstream's ${upstream}`, async () => {
      const { lookUp } = indexOf({ a: { version: debian } });
      const { units } = await closure({ ...nothing, attributes: { a: 'a' } }, lookUp);
      assert.equal(units['a']?.version, upstream);
    });
});

test("a lock names each file as apt does, and its store path without what Nix's names refuse", () => {
  const selection = { ...nothing, attributes: { git: 'git' } };
  const units = { git: { version: '2', debs: ['git'], outputs: {}, deps: [] } };
  const files = new Map([['git', { file: 'git_1%3a2~x_amd64.deb', sha256: 'ab' }]]);
  assert.deepEqual(lockOf(selection, units, files).units['git']?.debs, [
    { file: 'git_1%3a2~x_amd64.deb', sha256: 'ab', name: 'git_1-3a2-x_amd64.deb' },
  ]);
});
