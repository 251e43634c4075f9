import type { Command } from '../command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Imports the command's file only when it is asked for, so that `--help` starts fast. */
  load(): Promise<Command>;
}

/** In the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'build the images of some files, serve them, and watch the files',
    load: async () => (await import('./up.ts')).up,
  },
  {
    name: 'build',
    summary: 'build one image, without a server',
    load: async () => (await import('./build.ts')).build,
  },
  {
    name: 'render',
    summary: 'print the Nix expression of an image',
    load: async () => (await import('./render.ts')).render,
  },
  {
    name: 'validate',
    summary: 'check files against the schema and the rules',
    load: async () => (await import('./validate.ts')).validate,
  },
  {
    name: 'get',
    summary: 'print the images that `up` knows',
    load: async () => (await import('./get.ts')).get,
  },
  {
    name: 'logs',
    summary: "print the log of an image's last build",
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    name: 'doctor',
    summary: 'look whether a cluster can build and pull images',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'hook',
    summary: "serve Metacontroller's webhook",
    load: async () => (await import('./hook.ts')).hook,
  },
  {
    name: 'registry',
    summary: 'serve images (serve), or keep the volume they are on (keeper)',
    load: async () => (await import('./registry.ts')).registry,
  },
  {
    name: 'builder',
    summary: 'build one image inside its Pod',
    load: async () => (await import('./builder.ts')).builder,
  },
];
