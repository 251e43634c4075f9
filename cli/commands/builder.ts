import { helpText, optional, text, wantsHelp } from '../../runtime/options.ts';
import type { Command } from '../command.ts';

/** The words are the build order that the hook writes into the Pod (runtime/contract/buildOrder.ts). */
export const builder: Command = async (words, { env, signal, stdout }) => {
  if (wantsHelp(words)) {
    stdout.write(help);
    return 0;
  }
  const { runBuilder } = await import('../../builder/main.ts');
  return await runBuilder(words, env, signal);
};

const help = helpText({
  usage: 'niximage builder',
  summary:
    'Builds one image inside its Pod and publishes it on the volume. The hook writes these options; to build by hand, use niximage build.',
  options: {
    namespace: text('NAME', 'Namespace of the NixImage.'),
    name: text('NAME', 'Name of the NixImage, the last part of the repository.'),
    tag: text('TAG', 'Tag to publish.'),
    uid: text('UID', 'metadata.uid of the NixImage.'),
    created: text('TIME', 'metadata.creationTimestamp of the NixImage.'),
    ordinal: text('N', 'Counts the builds of the NixImage; the higher one wins a tag.'),
    'input-hash': text('HEX', 'Hash of what the image is made from.'),
    pod: text('NAME', 'Name of the Pod that builds.'),
    'package-set': text('SET', 'nixpkgs or demo.'),
    compression: optional(
      text('HOW', 'How layers are stored: zstd, gzip or none, or zstd:19. Without it: zstd:3.'),
    ),
    'media-types': optional(text('WHOSE', 'oci or docker. Without it: oci.')),
    expression: text('FILE', 'The Nix expression.'),
    'expression-digest': text('DIGEST', 'sha256:<hex> of that file.'),
    store: text('DIR', "The namespace's own tree on the volume."),
    'termination-log': text('FILE', 'Takes the report, as JSON.'),
  },
  examples: ['niximage builder --help'],
});
