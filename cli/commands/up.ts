import { join, resolve } from 'node:path';
import { flag, number, optional, path, text, withDefault } from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';

export const up = defineCommand({
  name: 'up',
  summary:
    'Builds the images of the files, serves them on this machine, and goes on watching the files: an edited image is built again, a removed one is removed. Needs Nix; without a network it takes an offline package set (demo).',
  options: {
    once: flag('End when all images are Built (exit code 0) or one has Failed (1).'),
    port: withDefault(
      number('PORT', 'Port of the registry on 127.0.0.1.', { minimum: 1, maximum: 65_535 }),
      5001,
    ),
    nixpkgs: optional(
      text(
        'WHERE',
        'A folder, a URL, a channel (nixos-25.11), or demo for the offline set. Without it: <nixpkgs> of NIX_PATH, else a pinned release.',
      ),
    ),
    state: withDefault(path('DIR', 'Keeps what must outlive this program.'), '.niximage'),
    store: optional(path('DIR', 'Keeps the images; without it a folder in the state folder.')),
  },
  examples: [
    'niximage up examples/curl-and-jq.yaml',
    'niximage up --once --nixpkgs demo examples',
    'niximage up --port 5002 --state /tmp/other examples/hello.yaml',
  ],
  positionals: { usage: 'FILE...', least: 1 },
  async run(values, words, terminal) {
    const { runUp } = await import('../up/runUp.ts');
    const state = resolve(terminal.cwd, values.state);
    return await runUp({ ...values, state, store: values.store ?? join(state, 'store'), words }, terminal);
  },
});
