import { join, resolve } from 'node:path';
import { sourceVolumesOption } from '../../hooks/policy/sourceVolumes.ts';
import {
  duration,
  flag,
  number,
  OptionError,
  optional,
  path,
  text,
  url,
  withDefault,
} from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';
import type { RunningServices } from '../up/runUp.ts';

export const up = defineCommand({
  name: 'up',
  summary:
    'Builds the images of the files, serves them on this machine, and goes on watching the files: an edited image is built again, a removed one is removed. Needs Nix; without a network it takes an offline package set (demo).',
  options: {
    once: flag('End when all images are Built (exit code 0), or some have failed or are given up (1).'),
    'give-up-after': withDefault(
      duration('With --once: how long an image may get nothing but errors of the hook.'),
      60_000,
      '60s',
    ),
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
    'source-volumes': sourceVolumesOption,
    'hook-url': optional(url('A hook that runs already; `up` then starts none, and no registry.')),
    'hook-token-file': optional(path('FILE', 'Holds the token that this hook asks for.')),
    'keeper-url': optional(url("That hook's keeper.")),
    'keeper-token-file': optional(path('FILE', 'Holds the token that this keeper asks for.')),
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
    const { once, port, nixpkgs, 'source-volumes': sourceVolumes } = values;
    const store = values.store ?? join(state, 'store');
    const patience = values['give-up-after'];
    const services = servicesOf(values);
    return await runUp(
      { once, patience, port, nixpkgs, state, store, words, services, sourceVolumes },
      terminal,
    );
  },
});

const serviceOptions = ['hook-url', 'hook-token-file', 'keeper-url', 'keeper-token-file'] as const;

/** All four, or none. */
function servicesOf(
  values: Readonly<Record<(typeof serviceOptions)[number], string | undefined>>,
): RunningServices | undefined {
  const [hookUrl, hookTokenFile, keeperUrl, keeperTokenFile] = serviceOptions.map((name) => values[name]);
  const missing = serviceOptions.filter((name) => values[name] === undefined);
  if (missing.length === serviceOptions.length) return undefined;
  if (
    hookUrl !== undefined &&
    hookTokenFile !== undefined &&
    keeperUrl !== undefined &&
    keeperTokenFile !== undefined
  )
    return { hookUrl, hookTokenFile, keeperUrl, keeperTokenFile };
  throw new OptionError(
    `services that run already are named by four options together; missing are ${missing.map((name) => `--${name}`).join(', ')}`,
  );
}
