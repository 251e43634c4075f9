import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parseConf } from '../../builder/conf.ts';
import { BuildError } from '../../builder/errors.ts';
import type { NixEvent } from '../../builder/nix/event.ts';
import { type NixContext, narHashes } from '../../builder/nix/query.ts';
import { realise } from '../../builder/nix/realise.ts';
import { expressionOf, nixBench } from './support/nix.ts';

interface Bench {
  readonly context: NixContext;
  readonly folder: string;
  readonly events: NixEvent[];
  build(): Promise<string>;
}

async function bench(t: TestContext, contents: string): Promise<Bench> {
  const { folder, environment } = await nixBench(t);
  const expression = join(folder, 'default.nix');
  await writeFile(expression, expressionOf(contents));
  const context: NixContext = {
    settings: { environment, workFolder: folder, sandbox: false },
    signal: t.signal,
    expression,
  };
  const events: NixEvent[] = [];
  const keep = (event: NixEvent): void => {
    if (events.length < 1000) events.push(event);
  };
  return { context, folder, events, build: () => realise(context, 'conf', join(folder, 'conf'), keep) };
}

/** How many layers the conf at the out-link describes. */
async function layersIn(folder: string): Promise<number> {
  return parseConf(await readFile(join(folder, 'conf'), 'utf8')).storeLayers.length;
}

describe('realise', () => {
  test('builds, links, and reports what it builds', async (t) => {
    const { build, folder, events, context } = await bench(t, 'curl bash');
    const path = await build();
    assert.equal(await layersIn(folder), 2);
    const built = events.flatMap((event) =>
      event.kind === 'BuildStarted' ? [event.derivation.slice(44)] : [],
    );
    assert.deepEqual(built.toSorted(), [
      'bash-1.drv',
      'curl-1.drv',
      'curl-and-jq-conf.json.drv',
      'curl-and-jq-customisation-layer.drv',
    ]);
    const [hash] = await narHashes(context, [path]);
    assert.match(hash ?? '', /^sha256:[0-9a-z]{52}$/);
  });

  const rows: readonly {
    readonly reason: string;
    readonly contents: string;
    readonly code: BuildError['code'];
    readonly attribute: string;
    readonly message: RegExp;
    readonly log?: RegExp;
  }[] = [
    {
      reason: 'an unknown attribute, with the near name',
      contents: 'bash crul',
      code: 'UnknownAttribute',
      attribute: 'crul',
      message: /crul.*did you mean curl\?$/,
    },
    {
      reason: 'one with no near name',
      contents: 'doesNotExistAtAll',
      code: 'UnknownAttribute',
      attribute: 'doesNotExistAtAll',
      message: /search\.nixos\.org/,
    },
    {
      reason: 'one inside of a set',
      contents: 'python3Packages.request',
      code: 'UnknownAttribute',
      attribute: 'python3Packages.request',
      message: /did you mean python3Packages\.requests\?/,
    },
    {
      reason: 'a set',
      contents: 'bash python3Packages',
      code: 'NotAPackage',
      attribute: 'python3Packages',
      message: /a set of attributes/,
    },
    {
      reason: 'a function',
      contents: 'function',
      code: 'NotAPackage',
      attribute: 'function',
      message: /a function/,
    },
    {
      reason: 'a number, which Nix accepts',
      contents: 'bash number',
      code: 'NotAPackage',
      attribute: 'number',
      message: /a number/,
    },
    {
      reason: 'a string, which Nix accepts',
      contents: 'text',
      code: 'NotAPackage',
      attribute: 'text',
      message: /a string/,
    },
    { reason: 'a list', contents: 'list', code: 'NotAPackage', attribute: 'list', message: /a list/ },
    {
      reason: 'a throw has no position and is found all the same',
      contents: 'bash curl thrower',
      code: 'EvaluationFailed',
      attribute: 'thrower',
      message: /no such luck/,
    },
    {
      reason: 'a name missing inside of a package is not the user’s',
      contents: 'bash missingInside',
      code: 'EvaluationFailed',
      attribute: 'missingInside',
      message: /attribute 'missing' missing/,
    },
    {
      reason: 'a refused package',
      contents: 'unfree',
      code: 'PackageRefused',
      attribute: 'unfree',
      message: /unfree license/,
    },
    {
      reason: 'a package that does not build',
      contents: 'bash broken',
      code: 'BuildFailed',
      attribute: 'broken',
      message: /broken-1 does not build.*exit code 3.*nix log \/nix\/store/,
      log: /^line 21\n[^]*line 40$/,
    },
    {
      reason: 'a package whose dependency does not build',
      contents: 'bash needsBroken',
      code: 'BuildFailed',
      attribute: 'needsBroken',
      message: /broken-1 does not build/,
      log: /line 40$/,
    },
    {
      reason: '10 MB of log leave its end',
      contents: 'talkative',
      code: 'BuildFailed',
      attribute: 'talkative',
      message: /talkative-1/,
      log: /^(a line[^\n]*\n?){20}$|a line/,
    },
    {
      reason: 'a builder that fills the disk',
      contents: 'fullDisk',
      code: 'DiskFull',
      attribute: 'fullDisk',
      message: /disk is full/,
      log: /No space left/,
    },
    {
      reason: 'another hash',
      contents: 'wrongHash',
      code: 'HashMismatch',
      attribute: 'wrongHash',
      message: /specified: sha256-A.*got/,
    },
  ];
  for (const row of rows)
    test(row.reason, async (t) => {
      const { build } = await bench(t, row.contents);
      await assert.rejects(build(), (error) => {
        assert.ok(error instanceof BuildError, String(error));
        assert.equal(error.code, row.code, error.message);
        assert.equal(error.details.attribute, row.attribute);
        assert.match(error.message, row.message);
        assert.match(error.details.logTail ?? '', row.log ?? /^$/);
        return true;
      });
    });

  test('10 MB on one line do not stop a build', async (t) => {
    const { build } = await bench(t, 'noNewline');
    assert.match(await build(), /^\/nix\/store\//);
  });

  test('5,000 contents', async (t) => {
    const { build, folder } = await bench(t, Array.from({ length: 5000 }, () => 'curl').join('\n'));
    await build();
    assert.equal(await layersIn(folder), 5000);
  });

  test('no Nix on the PATH: says so and what to do', async (t) => {
    const { context, folder } = await bench(t, 'curl');
    const without = { ...context, settings: { ...context.settings, environment: { PATH: folder } } };
    await assert.rejects(
      realise(without, 'conf', join(folder, 'conf'), () => {}),
      (error) => {
        assert.ok(error instanceof BuildError);
        assert.equal(error.code, 'NixUnavailable');
        assert.match(error.message, /not on the PATH; install Nix/);
        return true;
      },
    );
  });
});
