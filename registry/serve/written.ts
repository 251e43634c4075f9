import type { Reply } from './reply.ts';

const written = new WeakMap<object, Map<string, Reply>>();

/**
 * Long lists are asked for again and again: one that did not change is written once.
 * @param list the very same one where nothing changed.
 * @param name the same image may be asked for with its namespace and without.
 */
export function writtenOnce(list: object, name: string, write: () => Reply): Reply {
  const replies = written.get(list) ?? new Map<string, Reply>();
  written.set(list, replies);
  const reply = replies.get(name) ?? write();
  replies.set(name, reply);
  return reply;
}
