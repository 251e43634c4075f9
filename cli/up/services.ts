import { fileURLToPath } from 'node:url';
import type { SourceVolumes } from '../../hooks/policy/sourceVolumes.ts';
import type { PackageSource } from './packageSource.ts';
import type { ServiceSpec } from './service.ts';
import type { StateFolder } from './stateFolder.ts';

/** What Node is started with to run this program. */
export const program = fileURLToPath(new URL('../niximage.mjs', import.meta.url));
const host = '127.0.0.1';

/** Where the processes of a session listen, all on the loopback interface. */
export interface Ports {
  readonly serve: number;
  readonly keeper: number;
  readonly hook: number;
}

export function urlOf(port: number): string {
  return `http://${host}:${port}`;
}

/** The command lines of the registry's two processes, on the store of one session. */
export function registryServices(
  store: string,
  ports: Ports,
  keeperToken: string,
  state: StateFolder,
  env: ServiceSpec['env'],
): { readonly serve: ServiceSpec; readonly keeper: ServiceSpec } {
  const shared = ['--store', store, '--host', host, '--drain', '2s'];
  return {
    serve: {
      name: 'registry serve',
      command: [program, 'registry', 'serve', ...shared, '--port', String(ports.serve)],
      env: withoutOurs(env),
      ready: `${urlOf(ports.serve)}/readyz`,
      log: state.log('registry-serve'),
    },
    keeper: {
      name: 'registry keeper',
      command: [
        program,
        'registry',
        'keeper',
        ...shared,
        '--initialise',
        '--port',
        String(ports.keeper),
        '--token-file',
        keeperToken,
      ],
      env: withoutOurs(env),
      ready: `${urlOf(ports.keeper)}/readyz`,
      log: state.log('registry-keeper'),
    },
  };
}

/** The command line of the hook, told where it is, what it may ask, and which packages builds are made from. */
export function hookService(asked: {
  readonly ports: Ports;
  readonly tokens: { readonly keeper: { readonly path: string }; readonly hook: { readonly path: string } };
  readonly state: StateFolder;
  readonly env: ServiceSpec['env'];
  readonly source: PackageSource;
  /** What `<nixpkgs>` stands for. */
  readonly nixpkgs: string;
  readonly sourceVolumes: SourceVolumes | undefined;
}): ServiceSpec {
  const { ports, tokens, state, env, source, nixpkgs, sourceVolumes } = asked;
  return {
    name: 'hook',
    command: [
      program,
      'hook',
      `--host=${host}`,
      `--port=${ports.hook}`,
      `--token-file=${tokens.hook.path}`,
      `--keeper-url=${urlOf(ports.keeper)}`,
      `--keeper-token-file=${tokens.keeper.path}`,
      `--registry-host=${host}:${ports.serve}`,
      `--nixpkgs=${nixpkgs}`,
      `--package-set=${source.set}`,
      // No cache has what the offline set is made of.
      ...(source.set === 'demo' ? ['--builder-nix-config=substituters ='] : []),
      ...(sourceVolumes === undefined ? [] : [`--source-volumes=${JSON.stringify(sourceVolumes)}`]),
      // Whoever applies manifests here is who may run anything on this machine.
      '--allow=all',
    ],
    env: withoutOurs(env),
    ready: `${urlOf(ports.hook)}/readyz`,
    log: state.log('hook'),
  };
}

/** The environment without NIXIMAGE_*: what those say is meant for `up` itself, not for what it starts. */
export function withoutOurs(env: ServiceSpec['env']): ServiceSpec['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('NIXIMAGE_')));
}
