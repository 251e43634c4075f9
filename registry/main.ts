import { readToken } from '../runtime/bearer.ts';
import type { RunningServer } from '../runtime/httpServer.ts';
import { createLogger, type Logger } from '../runtime/log.ts';
import { type Help, helpText, OptionError, readOptions, wantsHelp } from '../runtime/options.ts';
import { initialiseOptions, keeperOptions, serveOptions } from './configuration.ts';
import { initialiseEmpty } from './initialise.ts';
import { startProcesses } from './processes/startProcesses.ts';
import { type ServeConfiguration, startKeeper, startServe } from './start.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const usage = `Usage: niximage registry serve|keeper|initialise [options]

serve       serves the images on a volume to container runtimes; it only reads, unless it is told to take pushes
keeper      answers the hook about the images, makes and clears namespaces' folders; it alone writes
initialise  marks an empty volume as ours, and ends

niximage registry serve --help prints the options of serve, and so on.
`;

const serveHelp: Help = {
  usage: 'niximage registry serve',
  summary:
    'Serves the images on a volume to container runtimes (OCI distribution API). It only reads, unless it is given a token to push.',
  options: serveOptions,
  examples: ['niximage registry serve --store=./store --host=127.0.0.1 --port=5001'],
};

const keeperHelp: Help = {
  usage: 'niximage registry keeper',
  summary: "Answers the hook about the images on a volume, and makes and clears the namespaces' folders.",
  options: keeperOptions,
  examples: ['niximage registry keeper --store=./store --host=127.0.0.1 --token-file=./token'],
};

const initialiseHelp: Help = {
  usage: 'niximage registry initialise',
  summary:
    'Marks a volume as ours where it is empty, and ends; one that is marked stays as it is. Without its mark a volume is not used.',
  options: initialiseOptions,
  examples: ['niximage registry initialise --store=./store'],
};

const helps = { serve: serveHelp, keeper: keeperHelp, initialise: initialiseHelp };

/**
 * `niximage registry serve|keeper|initialise`: the first two run until `signal` is aborted, then lets running requests end.
 * @returns the exit code.
 * @throws {OptionError | ListenError | TokenError | InitialiseError} each with a message for a person.
 */
export async function runRegistry(
  words: readonly string[],
  environment: Environment,
  signal: AbortSignal,
  print: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<number> {
  const [command, ...rest] = words;
  if (command === 'serve' || command === 'keeper' || command === 'initialise') {
    if (wantsHelp(rest)) {
      print(helpText(helps[command]));
      return 0;
    }
    return await parts[command](rest, environment, signal, print);
  }
  if (wantsHelp(words)) {
    print(usage);
    return 0;
  }
  throw new OptionError(
    command === undefined
      ? 'say which part to run: niximage registry serve, keeper or initialise'
      : `niximage registry has no part ${JSON.stringify(command)}: it is serve, keeper or initialise`,
  );
}

async function serve(
  words: readonly string[],
  environment: Environment,
  signal: AbortSignal,
): Promise<number> {
  const { values, rest } = readOptions(serveOptions, { words, environment });
  refuseMore(rest);
  const logger = createLogger({ name: 'registry-serve', level: values['log-level'] });
  const configuration: ServeConfiguration = {
    store: values.store,
    host: values.host,
    port: values.port,
    initialise: values.initialise,
    drainMilliseconds: values.drain,
    cacheBytes: values.cache * 1_048_576,
    waitMilliseconds: values.wait,
    mostRequests: values.requests,
    ...(values['push-token-file'] === undefined
      ? {}
      : { pushToken: await readToken(values['push-token-file']) }),
    ...(values['x-accel'] === undefined ? {} : { accelerator: values['x-accel'] }),
    ...(values['access-file'] === undefined ? {} : { accessFile: values['access-file'] }),
    ...tlsOf(values['tls-cert-file'], values['tls-key-file']),
  };
  if (values.processes === 1) return await runUntil(signal, await startServe(configuration, logger), logger);
  const server = await startProcesses(configuration, values.processes, values['log-level']);
  return await Promise.race([runUntil(signal, server, logger), server.broken]).catch(
    async (error: unknown) => {
      await server.close();
      throw error;
    },
  );
}

async function keeper(
  words: readonly string[],
  environment: Environment,
  signal: AbortSignal,
): Promise<number> {
  const { values, rest } = readOptions(keeperOptions, { words, environment });
  refuseMore(rest);
  const logger = createLogger({ name: 'registry-keeper', level: values['log-level'] });
  const server = await startKeeper(
    {
      store: values.store,
      host: values.host,
      port: values.port,
      initialise: values.initialise,
      drainMilliseconds: values.drain,
      token: await readToken(values['token-file']),
      collectEvery: values['collect-every'],
      scrubEvery: values['scrub-every'],
      ...(values.builds === 0 ? {} : { builds: values.builds }),
      buildPatience: values['build-patience'],
    },
    logger,
  );
  return await runUntil(signal, server, logger);
}

async function initialise(
  words: readonly string[],
  environment: Environment,
  _signal: AbortSignal,
  print: (text: string) => void,
): Promise<number> {
  const { values, rest } = readOptions(initialiseOptions, { words, environment });
  refuseMore(rest);
  await initialiseEmpty(values.store);
  print(`${values.store} is marked as a volume of images\n`);
  return 0;
}

function tlsOf(certificate: string | undefined, key: string | undefined): Pick<ServeConfiguration, 'tls'> {
  if (certificate === undefined && key === undefined) return {};
  if (certificate === undefined || key === undefined)
    throw new OptionError('--tls-cert-file and --tls-key-file belong together; give both, or none');
  return { tls: { certificate, key } };
}

const parts = { serve, keeper, initialise };

async function runUntil(signal: AbortSignal, server: RunningServer, logger: Logger): Promise<number> {
  logger.info({ url: server.url }, 'listening');
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  logger.info({ signal: String(signal.reason) }, 'stopping: running requests may end');
  await server.close();
  logger.info('stopped');
  return 0;
}

function refuseMore([extra]: readonly string[]): void {
  if (extra !== undefined) throw new OptionError(`${JSON.stringify(extra)} is one word too many`);
}
