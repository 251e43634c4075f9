import { once } from 'node:events';
import { readToken } from '../runtime/bearer.ts';
import { listen, type RunningServer } from '../runtime/httpServer.ts';
import { createLogger, type Logger } from '../runtime/log.ts';
import { type Help, helpText, OptionError, readOptions, wantsHelp } from '../runtime/options.ts';
import { type HookValues, hookOptions } from './configuration.ts';
import { decoratorSettings } from './decorator/configuration.ts';
import { keeperClient } from './keeperClient.ts';
import { networkSettings } from './network.ts';
import { createHookHandler } from './server.ts';

const help: Help = {
  usage: 'niximage hook',
  summary:
    "Serves Metacontroller's webhook: tells the state of each NixImage, and which ConfigMap and Pod it needs.",
  options: hookOptions,
  examples: [
    'niximage hook --token-file=./hook-token --keeper-url=http://127.0.0.1:5002 --keeper-token-file=./keeper-token',
  ],
};

/**
 * `niximage hook`: runs until `signal` is aborted, then lets running requests end.
 * @returns the exit code.
 * @throws {OptionError | ListenError | TokenError} each with a message for a person.
 */
export async function runHook(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  print: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<number> {
  if (wantsHelp(words)) {
    print(helpText(help));
    return 0;
  }
  const { values, rest } = readOptions(hookOptions, { words, environment });
  if (rest[0] !== undefined) throw new OptionError(`${JSON.stringify(rest[0])} is one word too many`);
  const logger = createLogger({ name: 'hook', level: values['log-level'] });
  const server = await startHook(values, logger);
  logger.info({ url: server.url }, 'listening');
  if (!signal.aborted) await once(signal, 'abort');
  logger.info('stopping: running requests may end');
  await server.close();
  return 0;
}

/** Starts the webhook; it is ready when the promise resolves. */
export async function startHook(values: HookValues, logger: Logger): Promise<RunningServer> {
  const decorator = decoratorSettings(values);
  const keeper = keeperClient(values['keeper-url'], await readToken(values['keeper-token-file']));
  const network = await networkSettings(values);
  const handler = createHookHandler({
    keeper,
    token: await readToken(values['token-file']),
    logger,
    ...(decorator === undefined ? {} : { decorator }),
    options: {
      registryHost: values['registry-host'],
      policy: values.allow,
      limits: values['builder-limits'] ?? {},
      immutableTags: values['immutable-tags'] ?? [],
      pod: {
        image: values['builder-image'],
        nixpkgs: values.nixpkgs,
        packageSet: values['package-set'],
        cpu: values['builder-cpu'],
        memory: values['builder-memory'],
        storage: values['builder-storage'],
        timeout: values['builder-timeout'],
        network,
        ...(values['builder-nix-config'] === undefined ? {} : { nixConfig: values['builder-nix-config'] }),
        ...(values['source-volumes'] === undefined ? {} : { sourceVolumes: values['source-volumes'] }),
        ...(values['builder-pod'] === undefined ? {} : { defaults: values['builder-pod'] }),
      },
    },
  });
  const server = await listen(handler, {
    host: values.host,
    port: values.port,
    onError: (error) => logger.error({ error }, 'a request failed'),
  });
  return {
    ...server,
    async close() {
      await server.close();
      await keeper.close();
    },
  };
}
