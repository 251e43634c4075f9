import { readPath } from '../readPath.ts';

/** How an object is called in its cluster; `default` is the namespace of one that names none, as with kubectl. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
}

/** @returns undefined where the object has no name. */
export function identityOf(value: unknown): Identity | undefined {
  const name = readPath(value, '.metadata.name');
  if (typeof name !== 'string' || name === '') return undefined;
  const namespace = readPath(value, '.metadata.namespace');
  return { namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default', name };
}
