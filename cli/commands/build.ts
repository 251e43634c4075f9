import { join } from 'node:path';
import { flag, optional, path, text } from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';
import { readSingleImage } from '../manifests/single.ts';

export const build = defineCommand({
  name: 'build',
  summary:
    'Builds one image into a store on this machine, without a server. Needs Nix; without a network it takes an offline package set (demo).',
  options: {
    store: optional(path('DIR', 'Keeps the images; without it .niximage/build of this folder.')),
    output: optional(path('FILE.tar', 'Writes the image as an OCI archive too.')),
    load: flag('Loads the image into docker, or else podman, of this machine.'),
    nixpkgs: optional(
      text(
        'WHERE',
        'A folder, a URL, a channel (nixos-25.11), or demo for the offline set. Without it: <nixpkgs> of NIX_PATH, else a pinned release.',
      ),
    ),
  },
  examples: [
    'niximage build examples/curl-and-jq.yaml',
    'niximage build --output hello.tar examples/hello.yaml',
    'niximage build --load examples/curl-and-jq.yaml',
    'niximage build --nixpkgs demo examples/hello.yaml',
  ],
  positionals: { usage: 'FILE', least: 1, most: 1 },
  async run(values, [file = ''], terminal) {
    const { image } = await readSingleImage(file, terminal);
    const { buildOne } = await import('../build/buildOne.ts');
    const store = values.store ?? join(terminal.cwd, '.niximage', 'build');
    return await buildOne(image, { ...values, store }, terminal);
  },
});
