import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { packageSetLabel } from '../../builder/image.ts';
import type { FailureReason } from '../../runtime/contract/report.ts';
import { assertBuilt, imageBench, publication, publishedDigests, storedImage } from './support/image.ts';
import { expressionOf } from './support/nix.ts';

describe('buildImage', () => {
  test('writes layers, configuration, manifest and tag, and leaves nothing else', async (t) => {
    const bench = await imageBench(t);
    const report = await bench.build('curl bash');
    assertBuilt(report);
    const { config, manifest } = await storedImage(bench.store, report);
    assert.equal(report.layers, 3);
    assert.equal(report.reusedLayers, 0);
    assert.deepEqual(await publishedDigests(bench.store), [report.digest]);
    assert.match(config.history?.[0]?.comment ?? '', /^store paths: \['\/nix\/store\/[^']*-curl-1'\]$/);
    assert.equal(manifest.mediaType, 'application/vnd.oci.image.manifest.v1+json');
    assert.deepEqual(await readdir(join(bench.store, 'tmp')), []);
    assert.deepEqual((await readdir(bench.folder)).toSorted(), ['nixpkgs', 'team-a']);
    assert.ok(bench.log.some((line) => line === 'building curl-1'));
  });

  test('the same inputs give the same image, with every layer reused', async (t) => {
    const bench = await imageBench(t);
    const first = await bench.build('curl bash');
    const second = await bench.build('curl bash', {
      publication: { ...publication, ordinal: 2 },
      pod: 'another-pod',
    });
    assertBuilt(first);
    assertBuilt(second);
    assert.equal(second.digest, first.digest);
    assert.equal(second.reusedLayers, second.layers);
    assert.deepEqual(await publishedDigests(bench.store), [first.digest, first.digest]);
  });

  test('another image reuses the layers they share', async (t) => {
    const bench = await imageBench(t);
    await bench.build('curl bash');
    const report = await bench.build('curl jq', { name: 'other', pod: 'other-pod' });
    assertBuilt(report);
    assert.equal(report.reusedLayers, 1);
    await storedImage(bench.store, report, 'other');
  });

  test('where there is no .stream.conf the archive is taken apart', async (t) => {
    const bench = await imageBench(t);
    const report = await bench.build('', {
      expressionText: expressionOf('curl bash').replace('pkgs.dockerTools', 'pkgs.old.dockerTools'),
    });
    assertBuilt(report);
    const { config } = await storedImage(bench.store, report);
    assert.equal(report.layers, 3);
    assert.deepEqual(config.config, { Env: ['A=archive'] });
  });

  test('layers of a base image come first, and of its configuration the environment', async (t) => {
    const bench = await imageBench(t);
    const text = expressionOf('curl', '\n  fromImage = pkgs.baseImage;\n  config.Env = [ "B=own" ];');
    const report = await bench.build('', { expressionText: text });
    assertBuilt(report);
    const { config } = await storedImage(bench.store, report);
    assert.equal(report.layers, 4);
    assert.deepEqual(config.config, { Env: ['A=archive', 'B=own'] });
    assert.match(config.history?.[0]?.comment ?? '', /layer\.tar/);
    const again = await bench.build('', {
      expressionText: text,
      pod: 'again',
      publication: { ...publication, ordinal: 2 },
    });
    assertBuilt(again);
    assert.equal(again.digest, report.digest);
  });

  test('empty contents are an image with one layer', async (t) => {
    const bench = await imageBench(t);
    const report = await bench.build('');
    assertBuilt(report);
    await storedImage(bench.store, report);
    assert.equal(report.layers, 1);
  });

  test('a demonstration’s image says so, and is another image', async (t) => {
    const bench = await imageBench(t);
    const real = await bench.build('curl');
    const demo = await bench.build('curl', { packageSet: 'demo', name: 'demo', pod: 'demo' });
    assertBuilt(real);
    assertBuilt(demo);
    assert.notEqual(demo.digest, real.digest);
    const { config } = await storedImage(bench.store, demo, 'demo');
    assert.deepEqual(config.config, { Labels: { [packageSetLabel]: 'demo' } });
  });

  test('a newer build of the tag wins, whoever writes last', async (t) => {
    const bench = await imageBench(t);
    const newer = await bench.build('curl', { publication: { ...publication, ordinal: 2 } });
    assertBuilt(newer);
    const older = await bench.build('bash', { pod: 'older' });
    assert.equal(older.result === 'Failed' && older.reason, 'Superseded');
    assert.deepEqual(await publishedDigests(bench.store), [newer.digest]);
  });

  test('a build that is stopped says so, and the next one is whole', async (t) => {
    const bench = await imageBench(t);
    const controller = new AbortController();
    const report = await bench.build('waiting', {
      signal: controller.signal,
      onLog: (line) => {
        if (line.includes('waiting-1> waiting')) controller.abort('SIGTERM');
      },
    });
    assert.deepEqual(
      {
        reason: report.result === 'Failed' && report.reason,
        transient: report.result === 'Failed' && report.transient,
      },
      { reason: 'Interrupted', transient: true },
    );
    assert.deepEqual(await publishedDigests(bench.store), []);
    assert.deepEqual((await readdir(bench.folder)).toSorted(), ['nixpkgs', 'team-a']);
  });

  const rows: readonly {
    readonly reason: string;
    readonly contents: string;
    readonly changes?: Parameters<Awaited<ReturnType<typeof imageBench>>['build']>[1];
    readonly want: FailureReason;
    readonly message: RegExp;
  }[] = [
    {
      reason: 'an unknown attribute',
      contents: 'crul',
      want: 'UnknownAttribute',
      message: /did you mean curl\?/,
    },
    { reason: 'a package that does not build', contents: 'broken', want: 'BuildFailed', message: /broken-1/ },
    {
      reason: 'a tag that is a shell script',
      contents: 'curl',
      changes: { tag: 'x"; touch F; : "' },
      want: 'EvaluationFailed',
      message: /is no tag/,
    },
    {
      reason: 'more layers than a container runtime can mount',
      contents: 'curl '.repeat(130),
      want: 'TooManyLayers',
      message: /131 layers.*127.*maxLayers/,
    },
    {
      reason: 'less free space than the floor',
      contents: 'curl',
      changes: { minimumFree: 2 ** 50 },
      want: 'DiskFull',
      message: /has \d+ MiB free.*needs at least 1073741824 MiB/,
    },
    {
      reason: 'a store that is not there',
      contents: 'curl',
      changes: { store: '/nonexistent/store' },
      want: 'StoreUnavailable',
      message: /\/nonexistent\/store/,
    },
    {
      reason: 'no nixpkgs',
      contents: 'curl',
      changes: { nixpkgs: '/nonexistent/nixpkgs' },
      want: 'EvaluationFailed',
      message: /nixpkgs/,
    },
  ];
  for (const { reason, contents, changes, want, message } of rows)
    test(reason, async (t) => {
      const bench = await imageBench(t);
      const report = await bench.build(contents, changes);
      assert.ok(report.result === 'Failed', JSON.stringify(report));
      assert.equal(report.reason, want, report.message);
      assert.match(report.message, message);
      assert.deepEqual(await readdir(join(bench.store, 'blobs/sha256')), []);
      assert.deepEqual(await publishedDigests(bench.store), []);
    });
});
