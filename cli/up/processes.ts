import { keeperClient } from '../../hooks/keeperClient.ts';
import type { NewObject } from '../../metacontroller/embedded/objects/objectStore.ts';
import { startEmbedded } from '../../metacontroller/embedded/start.ts';
import { identityOf } from '../manifests/identity.ts';
import type { HookReports } from './hookReports.ts';
import { packageFolder } from './packageFolder.ts';
import type { PackageSource } from './packageSource.ts';
import type { UpOptions } from './runUp.ts';
import { Service } from './service.ts';
import { hookService, type Ports, program, registryServices, urlOf, withoutOurs } from './services.ts';
import type { StandIn } from './standIn.ts';
import type { StateFolder } from './stateFolder.ts';

interface Token {
  readonly path: string;
  readonly token: string;
}

interface Address {
  readonly url: string;
  readonly token: string;
}

/** Who answers as hook, keeper and registry. */
export type Services =
  /** Processes of this session's own. */
  | {
      readonly kind: 'Own';
      readonly ports: Ports;
      readonly tokens: { readonly keeper: Token; readonly hook: Token };
      readonly source: PackageSource;
    }
  /** Somebody else's. */
  | { readonly kind: 'Running'; readonly hook: Address; readonly keeper: Address };

export interface ProcessesRequest {
  readonly options: UpOptions;
  readonly services: Services;
  readonly state: StateFolder;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of what comes of asking the hook. */
  readonly reports: HookReports;
  readonly say: (line: string) => void;
}

/** What a session runs: the registry's two processes, the hook, and the stand-in for Metacontroller in this one. */
export interface Processes extends AsyncDisposable {
  readonly standIn: StandIn;
  /** Has everything built from other packages from now on. */
  usePackages(source: PackageSource): Promise<void>;
}

/** Variables of this machine that builders get beside what their Pod says: how to find Nix and the network. */
const builderVariables = [
  'PATH',
  'LANG',
  'LC_ALL',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'NIX_SSL_CERT_FILE',
  'NIX_CONFIG',
  'NIXIMAGE_MIN_FREE',
];

/** Starts them all, and waits until each can do its work. Ends what it has started where one cannot. */
export async function startProcesses(asked: ProcessesRequest): Promise<Processes> {
  const { options, services, state, env, reports, say } = asked;
  await using started = new AsyncDisposableStack();
  const own = services.kind === 'Own' ? await startOwn(services, asked, started) : undefined;
  const { hook, keeper: address } = services.kind === 'Own' ? addressesOf(services) : services;
  // The stand-in reads it anew for each builder, so that a change of packages reaches the next one.
  const environment = builderEnvironment(env, services.kind === 'Own' ? services.source : undefined);
  const keeper = keeperClient(address.url, address.token);
  started.defer(() => keeper.close());
  const embedded = await startEmbedded({
    state: state.root,
    images: options.store,
    hook,
    command: [process.execPath, program],
    environment,
    // What the DecoratorController of a cluster does.
    ensureNamespace: (namespace, uid) => keeper.createNamespace(namespace, uid),
    say,
    onSync: (image, outcome) => reports.report(image, outcome),
  });
  started.defer(() => embedded.close());
  const stop = started.move();
  return {
    standIn: {
      apply: async (object) => void (await embedded.apply(newObject(object))),
      remove: (namespace, name) => embedded.remove(namespace, name),
      images: async () => embedded.images(),
      watch: (changed) => void embedded.watch(changed),
      close: () => embedded.close(),
    },
    async usePackages(source) {
      delete environment['NIX_CONFIG'];
      Object.assign(environment, builderEnvironment(env, source));
      await own?.usePackages(source);
      embedded.resyncAll();
    },
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  };
}

function addressesOf({ ports, tokens }: Extract<Services, { kind: 'Own' }>): {
  hook: Address;
  keeper: Address;
} {
  return {
    hook: { url: urlOf(ports.hook), token: tokens.hook.token },
    keeper: { url: urlOf(ports.keeper), token: tokens.keeper.token },
  };
}

/** Starts keeper, serve and hook; what is started ends with `started`. */
async function startOwn(
  { ports, tokens, source: first }: Extract<Services, { kind: 'Own' }>,
  { options, state, env, say }: ProcessesRequest,
  started: AsyncDisposableStack,
): Promise<{ usePackages(source: PackageSource): Promise<void> }> {
  const registry = registryServices(options.store, ports, tokens.keeper.path, state, env);
  const start = async (service: Service): Promise<void> => {
    started.defer(() => service.stop());
    await service.start();
  };
  const hookSpec = async (source: PackageSource) =>
    hookService({
      ports,
      tokens,
      state,
      env: withoutOurs(env),
      source,
      nixpkgs: await packageFolder(source, say),
      sourceVolumes: options.sourceVolumes,
    });
  const hook = new Service(await hookSpec(first), say);
  // The keeper marks the volume; serve is not ready before.
  await Promise.all([
    start(new Service(registry.keeper, say)),
    start(new Service(registry.serve, say)),
    start(hook),
  ]);
  return { usePackages: async (source) => await hook.replace(await hookSpec(source)) };
}

/** A NixImage without what only the API server says: checked before, with its defaults in place. */
function newObject(object: Readonly<Record<string, unknown>>): NewObject {
  const identity = identityOf(object);
  const metadata = object['metadata'];
  if (identity === undefined || typeof metadata !== 'object' || metadata === null)
    throw new TypeError('an object without a name cannot be applied');
  const { labels, annotations } = metadata as Pick<NewObject['metadata'], 'labels' | 'annotations'>;
  return {
    apiVersion: String(object['apiVersion']),
    kind: String(object['kind']),
    metadata: {
      ...identity,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    data: object['data'],
  };
}

function builderEnvironment(
  env: ProcessesRequest['env'],
  source: PackageSource | undefined,
): Record<string, string> {
  const taken = builderVariables.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // No cache has the offline set's packages, and where none answers Nix asks for four seconds a build.
  const offline = source?.set === 'demo' ? { NIX_CONFIG: `${env['NIX_CONFIG'] ?? ''}\nsubstituters =` } : {};
  return { ...Object.fromEntries(taken), ...offline };
}
