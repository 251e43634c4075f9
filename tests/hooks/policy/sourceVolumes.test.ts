import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  parseSourceVolumes,
  type SourceVolumes,
  volumeRefusal,
} from '../../../hooks/policy/sourceVolumes.ts';

const nfs = { nfs: { server: '10.0.0.5', path: '/srv' } };
const lent: SourceVolumes = {
  whole: { volume: nfs },
  checkouts: { volume: nfs, paths: ['tools', 'team-a/shared'] },
};

function refusal(volume: { name: string; path?: string }, volumes = lent): string | undefined {
  const sources = [
    { name: 'n', channel: 'nixos-25.11' },
    { name: 'a', volume },
  ];
  return volumeRefusal({ tag: 'v1', defaults: true, sources }, volumes);
}

describe('a volume that the operator lends may be used', () => {
  const rows = [
    { reason: 'all of it', volume: { name: 'whole' } },
    { reason: 'a folder of it', volume: { name: 'whole', path: 'a/b' } },
    { reason: 'a folder that is allowed', volume: { name: 'checkouts', path: 'tools' } },
    { reason: 'a folder below one', volume: { name: 'checkouts', path: 'team-a/shared/x' } },
  ];
  for (const { reason, volume } of rows) test(reason, () => assert.equal(refusal(volume), undefined));
});

describe('what is not lent is refused by the name of the setting', () => {
  const allowed =
    "and source-volumes of this cluster's policy allows tools, team-a/shared of checkouts; name a folder below one of them, or ask the operator to allow it";
  const rows: {
    reason: string;
    volume: { name: string; path?: string };
    lends?: SourceVolumes;
    says: string;
  }[] = [
    {
      reason: 'another volume',
      volume: { name: 'toString' },
      says: "data.sources[1].volume.name is toString, and source-volumes of this cluster's policy lends whole, checkouts; name one of them, or ask the operator to lend it",
    },
    {
      reason: 'a volume where none is lent',
      volume: { name: 'a' },
      lends: {},
      says: "data.sources[1].volume.name is a, and source-volumes of this cluster's policy lends nothing; name one of them, or ask the operator to lend it",
    },
    {
      reason: 'all of a volume of which folders are lent',
      volume: { name: 'checkouts' },
      says: `data.sources[1].volume.path is "", ${allowed}`,
    },
    {
      reason: 'the folder above one',
      volume: { name: 'checkouts', path: 'team-a' },
      says: `data.sources[1].volume.path is "team-a", ${allowed}`,
    },
    {
      reason: 'a folder whose name begins alike',
      volume: { name: 'checkouts', path: 'tools-2' },
      says: `data.sources[1].volume.path is "tools-2", ${allowed}`,
    },
  ];
  for (const { reason, volume, lends, says } of rows)
    test(reason, () => assert.equal(refusal(volume, lends), says));
});

describe('the setting', () => {
  test('is read as it stands', () =>
    assert.deepEqual(parseSourceVolumes(JSON.stringify(lent)), { ok: true, value: lent }));

  const rows = [
    { reason: 'no JSON', text: 'checkouts' },
    { reason: 'a list', text: '[]' },
    { reason: 'a name that is none', value: { A: { volume: nfs } } },
    { reason: 'no volume', value: { a: {} } },
    { reason: 'two volumes', value: { a: { volume: { ...nfs, emptyDir: {} } } } },
    { reason: 'another field', value: { a: { volume: nfs, path: 'x' } } },
    { reason: 'a path out of the volume', value: { a: { volume: nfs, paths: ['../b'] } } },
    { reason: 'an absolute path', value: { a: { volume: nfs, paths: ['/b'] } } },
    { reason: 'one path that is no list', value: { a: { volume: nfs, paths: 'b' } } },
  ];
  for (const { reason, text, value } of rows)
    test(`${reason} is refused`, () => assert.ok(!parseSourceVolumes(text ?? JSON.stringify(value)).ok));
});
