import { Readable } from 'node:stream';
import { execa } from 'execa';
import { CodedError } from '../../runtime/errors.ts';
import { isInstalled } from '../up/runHint.ts';

export class LoadError extends CodedError<'NO_ENGINE' | 'LOAD_FAILED'> {}

type Environment = Readonly<Record<string, string | undefined>>;

const engines = ['docker', 'podman'] as const;
export type Engine = (typeof engines)[number];

/**
 * The container engine of this machine.
 * @throws {LoadError} where there is none.
 */
export async function findEngine(env: Environment): Promise<Engine> {
  for (const engine of engines) if (await isInstalled(engine, env)) return engine;
  throw new LoadError(
    'NO_ENGINE',
    '--load needs docker or podman, and neither is in the PATH: install one, or write a file with --output FILE.tar.',
  );
}

/**
 * Loads an OCI archive into an engine, without a file between them.
 * @throws {LoadError} with what the engine said.
 */
export async function loadArchive(
  engine: Engine,
  archive: AsyncIterable<Buffer>,
  env: Environment,
): Promise<void> {
  const { failed, all, shortMessage } = await execa(engine, ['load'], {
    env: { ...env },
    extendEnv: false,
    reject: false,
    all: true,
    input: Readable.from(archive, { objectMode: false }),
  });
  if (failed)
    throw new LoadError('LOAD_FAILED', `${engine} load refused the image: ${all?.trim() || shortMessage}`);
}
