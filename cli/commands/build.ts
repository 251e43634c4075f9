import { join } from 'node:path';
import type { ImageFormat } from '../../builder/format.ts';
import { sourceVolumesOption } from '../../hooks/policy/sourceVolumes.ts';
import type { NixImage } from '../../hooks/resource/niximage.ts';
import { choice, flag, optional, path, text } from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';
import { readSingleImage } from '../manifests/single.ts';
import { UsageError } from '../usageError.ts';

export const build = defineCommand({
  name: 'build',
  summary:
    'Builds one image into a store on this machine, without a server. Needs Nix; without a network it takes an offline package set (demo).',
  options: {
    store: optional(path('DIR', 'Keeps the images; without it .niximage/build of this folder.')),
    output: optional(path('FILE.tar', 'Writes the image as an OCI archive too.')),
    load: flag('Loads the image into docker, or else podman, of this machine.'),
    compression: optional(
      text(
        'HOW',
        'How layers are stored: zstd, gzip or none, with a level where wanted (zstd:19). Without it: zstd:3.',
      ),
    ),
    'media-types': optional(
      choice(['oci', 'docker'], 'docker is for old clients; its layers are gzip or none. Without it: oci.'),
    ),
    nixpkgs: optional(
      text(
        'WHERE',
        'A folder, a URL, a channel (nixos-25.11), or demo for the offline set. Without it: <nixpkgs> of NIX_PATH, else a pinned release.',
      ),
    ),
    'source-volumes': sourceVolumesOption,
  },
  examples: [
    'niximage build examples/curl-and-jq.yaml',
    'niximage build --output hello.tar examples/hello.yaml',
    'niximage build --load examples/curl-and-jq.yaml',
    'niximage build --media-types docker examples/hello.yaml',
    'niximage build --nixpkgs demo examples/hello.yaml',
  ],
  positionals: { usage: 'FILE', least: 1, most: 1 },
  async run(values, [file = ''], terminal) {
    const { image } = await readSingleImage(file, terminal);
    const format = await formatOf(values, image);
    const { buildOne } = await import('../build/buildOne.ts');
    const store = values.store ?? join(terminal.cwd, '.niximage', 'build');
    return await buildOne(
      image,
      { ...values, store, format, sourceVolumes: values['source-volumes'] ?? {} },
      terminal,
    );
  },
});

/** What the command line says goes before what the manifest says. */
async function formatOf(
  values: {
    readonly compression: string | undefined;
    readonly 'media-types': string | undefined;
  },
  { data }: NixImage,
): Promise<ImageFormat> {
  const { FormatError, parseFormat } = await import('../../builder/format.ts');
  try {
    return parseFormat({
      compression: values.compression ?? data.compression,
      mediaTypes: values['media-types'] ?? data.mediaTypes,
    });
  } catch (error) {
    throw error instanceof FormatError ? new UsageError(error.message) : error;
  }
}
