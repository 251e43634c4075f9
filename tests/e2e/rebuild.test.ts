import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BuildRequest } from '../../builder/build.ts';
import { renderExpression } from '../../hooks/expression/render.ts';
import { allSources } from '../../hooks/resource/allSources.ts';
import type { ImageData } from '../../hooks/resource/niximage.ts';
import { orderedSources } from '../../hooks/status/sources.ts';
import type { ResolvedSource } from '../../runtime/contract/sources.ts';
import { ensurePackages } from '../../scripts/packages.mjs';
import { assertBuilt, imageBench, makeTree, storedImage } from '../builder/support/image.ts';
import { gitRepository } from '../support/gitRepository.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** Nix code whose package holds this word. */
const saying = (word: string): string => `{ writeTextDir }: { said = writeTextDir "said" "${word}"; }`;

/** A flake whose package holds this word. */
const flake = (word: string): string => `{
  outputs = _: { packages = builtins.mapAttrs (system: _: { default = derivation {
    name = "flake"; inherit system; builder = "/bin/sh"; args = [ "-c" "/bin/mkdir $out; echo ${word} > $out/flake" ];
  }; }) { x86_64-linux = 1; aarch64-linux = 1; }; };
}`;

test('what the status says of the sources gives the same image, though all of them went on', async (t) => {
  const [git, flaked] = [await gitRepository(t), await gitRepository(t)];
  const [tarball, folder] = [join(await temporaryFolder(t), 'a.tar.gz'), await temporaryFolder(t)];
  await mkdir(join(folder, 'tools'));
  const change = async (word: string): Promise<void> => {
    const rev = await git.commit({ 'default.nix': saying(`git ${word}`) });
    await git.git('archive', '--prefix=top/', '--output', tarball, rev);
    await flaked.commit({ 'flake.nix': flake(word) });
  };
  await change('first');
  await writeFile(join(folder, 'tools/default.nix'), saying('volume'));
  const data: ImageData = {
    tag: 'v1',
    contents: ['repository.said', 'packed.said', 'written.said', 'lent.said', `git+${flaked.url}`],
    sources: [
      { name: 'repository', git: { url: git.url } },
      { name: 'packed', tarball: { url: `file://${tarball}` } },
      { name: 'written', files: [{ path: 'default.nix', text: saying('text') }] },
      { name: 'lent', volume: { name: 'any', path: 'tools' } },
    ],
    defaults: false,
  };

  const bench = await imageBench(t);
  const build = async (name: string, resolved: readonly ResolvedSource[]) => {
    const store = join(bench.folder, name);
    await makeTree(store);
    const ordered = orderedSources(data, resolved) ?? [];
    const changes: Partial<BuildRequest> = {
      expressionText: renderExpression({ name: 'x', data }, { packageSet: 'demo' }),
      nixpkgs: await ensurePackages(),
      sources: ordered.map((source) =>
        source.volume === undefined ? source : Object.assign({ folder: join(folder, 'tools') }, source),
      ),
      store,
    };
    const report = await bench.build('', changes);
    assertBuilt(report);
    return { report, image: await storedImage(store, report) };
  };

  const first = await build('first', []);
  const said = first.report.sources ?? [];
  assert.deepEqual(
    said.map(({ name }) => name),
    allSources(data).map(({ name }) => name),
  );
  assert.deepEqual(
    said.map(({ rev }) => rev !== undefined),
    [true, false, false, false, true],
  );

  await change('second');
  const again = await build('again', said);
  assert.equal(again.report.digest, first.report.digest);
  assert.deepEqual(again.image.layers, first.image.layers);
  assert.deepEqual(again.report.sources, said);

  const anew = await build('anew', []);
  assert.notEqual(anew.report.digest, first.report.digest);
  await rm(tarball);
});
