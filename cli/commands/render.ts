import type { PackageSet } from '../../runtime/contract/packageSet.ts';
import { flag } from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';
import { readSingleImage } from '../manifests/single.ts';

export const render = defineCommand({
  name: 'render',
  summary: 'Prints the Nix expression that an image is built from. It needs no Nix.',
  options: { demo: flag('As it is for the offline package set: the image then bears a label that says so.') },
  examples: [
    'niximage render examples/curl-and-jq.yaml',
    'niximage render examples/hello.yaml > default.nix',
  ],
  positionals: { usage: 'FILE', least: 1, most: 1 },
  async run({ demo }, [file = ''], terminal) {
    const [{ renderExpression }, { image }] = await Promise.all([
      import('../../hooks/expression/render.ts'),
      readSingleImage(file, terminal),
    ]);
    const packageSet: PackageSet = demo ? 'demo' : 'nixpkgs';
    terminal.stdout.write(renderExpression(image, { packageSet }));
    return 0;
  },
});
