import { execa } from 'execa';
import { CodedError } from '../../runtime/errors.ts';
import { field } from '../readPath.ts';

/** kubectl is not there, or cannot reach a cluster. */
export class KubectlError extends CodedError<'KUBECTL_MISSING' | 'KUBECTL_FAILED'> {}

/** An object of the cluster, as kubectl prints it. */
export type ClusterObject = Readonly<Record<string, unknown>>;

export interface Kubectl {
  /** The objects that `kubectl get` finds; none where the cluster does not know the kind. @throws {KubectlError} */
  get(resource: string, ...words: readonly string[]): Promise<readonly ClusterObject[]>;
  /** @throws {KubectlError} */
  create(object: ClusterObject): Promise<void>;
  /** What is gone already is no error. @throws {KubectlError} */
  remove(resource: string, ...words: readonly string[]): Promise<void>;
}

export interface KubectlOptions {
  readonly program: string;
  /** Words before the verb, such as `--context=a`. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** The cluster through the kubectl of this machine, with its configuration and its rights. */
export function kubectlOf({ program, words: first, cwd, env, signal }: KubectlOptions): Kubectl {
  const run = async (
    words: readonly string[],
    input = '',
  ): Promise<{ failed: boolean; out: string; error: string }> => {
    const { failed, code, stdout, stderr, shortMessage } = await execa(program, [...first, ...words], {
      cwd,
      env,
      extendEnv: false,
      input,
      reject: false,
      cancelSignal: signal,
      timeout: 60_000,
    });
    if (code === 'ENOENT')
      throw new KubectlError(
        'KUBECTL_MISSING',
        `${program} cannot be run; install kubectl, or name it with --kubectl`,
      );
    return { failed, out: stdout, error: lastLine(stderr) ?? shortMessage ?? '' };
  };
  const must = async (words: readonly string[], input?: string): Promise<string> => {
    const { failed, out, error } = await run(words, input);
    if (failed) throw new KubectlError('KUBECTL_FAILED', `kubectl ${words.join(' ')} failed: ${error}`);
    return out;
  };
  return {
    async get(resource, ...words) {
      const all = ['get', resource, ...words, '--ignore-not-found', '--output=json'];
      const { failed, out, error } = await run(all);
      if (failed && /the server doesn't have a resource type/.test(error)) return [];
      if (failed) throw new KubectlError('KUBECTL_FAILED', `kubectl ${all.join(' ')} failed: ${error}`);
      return out.trim() === '' ? [] : objectsIn(JSON.parse(out));
    },
    async create(object) {
      await must(['create', '--filename=-'], JSON.stringify(object));
    },
    async remove(resource, ...words) {
      await must(['delete', resource, ...words, '--ignore-not-found', '--wait=false']);
    },
  };
}

/** kubectl tells its troubles first, and what came of them last. */
function lastLine(text: string): string | undefined {
  return text
    .trim()
    .split('\n')
    .findLast((line) => line !== '');
}

/** A list's items, or the one object. */
function objectsIn(value: unknown): readonly ClusterObject[] {
  const items = field(value, 'items');
  return (Array.isArray(items) ? items : [value]).filter(
    (each): each is ClusterObject => typeof each === 'object' && each !== null,
  );
}
