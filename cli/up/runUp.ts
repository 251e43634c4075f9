import { once } from 'node:events';
import type { SourceVolumes } from '../../hooks/policy/sourceVolumes.ts';
import { readToken } from '../../runtime/bearer.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Terminal } from '../command.ts';
import { readImages } from '../manifests/images.ts';
import { problemReport } from '../manifests/problem.ts';
import { Board } from './board.ts';
import { HookReports } from './hookReports.ts';
import { nixVersion } from './nix.ts';
import { probe } from './packageSource.ts';
import { Packages } from './packages.ts';
import { demandPort, freePort } from './ports.ts';
import { type Services, startProcesses } from './processes.ts';
import { ProgressReader } from './progressReader.ts';
import { urlOf } from './services.ts';
import { Session } from './session.ts';
import { StateFolder } from './stateFolder.ts';
import { watchFiles } from './watchFiles.ts';

export interface UpOptions {
  readonly words: readonly string[];
  readonly once: boolean;
  /** Milliseconds of nothing but failures of the hook after which `once` gives an image up. */
  readonly patience: number;
  readonly port: number;
  readonly nixpkgs: string | undefined;
  readonly sourceVolumes: SourceVolumes | undefined;
  /** Services that run already; without them `up` starts its own. */
  readonly services: RunningServices | undefined;
  /** Absolute paths. */
  readonly state: string;
  readonly store: string;
}

/** A hook and a keeper that somebody else runs, with the files of the tokens they ask for. */
export interface RunningServices {
  readonly hookUrl: string;
  readonly hookTokenFile: string;
  readonly keeperUrl: string;
  readonly keeperTokenFile: string;
}

/** Milliseconds in which services of a killed session may still leave the port. */
const orphansLeaveWithin = 5_000;

/**
 * `niximage up`: builds and serves until a signal, or with `once` until all images are settled.
 * @returns the exit code.
 */
export async function runUp(options: UpOptions, terminal: Terminal): Promise<number> {
  const { images, problems } = await readImages(options.words, terminal);
  if (images.length === 0 && problems.length > 0) {
    terminal.stderr.write(problemReport(problems));
    return 1;
  }
  const nix = await nixVersion(terminal.env);
  const state = new StateFolder(options.state);
  const before = await state.take(options.port);
  try {
    if (options.services !== undefined) return await drive(options, options.services, state, terminal);
    await demandPort(options.port, before === 'clean' ? 0 : orphansLeaveWithin);
    const surroundings = { env: terminal.env, cwd: terminal.cwd, nix, reachable: probe };
    const packages = await Packages.choose(options.nixpkgs, surroundings, state);
    const own = {
      kind: 'Own',
      ports: { serve: options.port, keeper: await freePort(), hook: await freePort() },
      tokens: { keeper: await state.token('keeper'), hook: await state.token('hook') },
      source: packages.source,
    } as const;
    return await serve(options, state, own, packages, terminal);
  } finally {
    await state.release();
  }
}

/** The way of the services that run already: they choose the packages, and where images are served. */
async function drive(
  options: UpOptions,
  { hookUrl, hookTokenFile, keeperUrl, keeperTokenFile }: RunningServices,
  state: StateFolder,
  terminal: Terminal,
): Promise<number> {
  const services = {
    kind: 'Running',
    hook: { url: hookUrl, token: await readToken(hookTokenFile) },
    keeper: { url: keeperUrl, token: await readToken(keeperTokenFile) },
  } as const;
  return await serve(options, state, services, undefined, terminal);
}

async function serve(
  options: UpOptions,
  state: StateFolder,
  services: Services,
  packages: Packages | undefined,
  terminal: Terminal,
): Promise<number> {
  const keeper =
    services.kind === 'Own'
      ? { url: urlOf(services.ports.keeper), token: services.tokens.keeper.token }
      : services.keeper;
  const board = new Board(terminal, new ProgressReader(keeper.url, keeper.token));
  const say = (line: string): void => board.say(line);
  if (packages?.source.set === 'demo' && packages.source.why !== undefined) say(packages.source.why);
  const stop = new AbortController();
  const signal = AbortSignal.any([terminal.signal, stop.signal]);
  const reports = new HookReports(say, options.patience);
  await using processes = await startProcesses({
    options,
    services,
    state,
    env: terminal.env,
    reports,
    say,
  });
  const session = new Session(processes.standIn, board, options.words, terminal);
  processes.standIn.watch(() => void session.show());
  reports.watch(() => void session.show());
  try {
    await session.load();
    if (options.once) return await firstOf(session.outcome(reports), signal);
    const changed = (): void =>
      void session.load().catch((error: unknown) => say(`the files cannot be applied: ${messageOf(error)}`));
    await watchFiles(options.words, { cwd: terminal.cwd, signal, changed });
    void packages
      ?.watch(signal, async (source) => {
        say('nixpkgs answers now; the images are built again from it.');
        await processes.usePackages(source);
      })
      .catch((error: unknown) => say(`the packages cannot be changed: ${messageOf(error)}`));
    if (!signal.aborted) await once(signal, 'abort');
    return 0;
  } finally {
    stop.abort();
    reports.close();
    board.close();
  }
}

/** The outcome, or 130 where a signal came before it. */
async function firstOf(outcome: Promise<number>, signal: AbortSignal): Promise<number> {
  if (signal.aborted) return 130;
  return await Promise.race([outcome, once(signal, 'abort').then(() => 130)]);
}
