import { isTag } from '../oci/names.ts';
import { type BuildNews, buildMessageLimit, buildStates } from '../runtime/contract/keeper.ts';

/** Reads what the hook sent, or what the keeper wrote and a tenant may have changed; undefined where it is no news. */
export function parseBuildNews(value: unknown): BuildNews | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { tag, state, message }: Readonly<Record<string, unknown>> = { ...value };
  const known = buildStates.find((one) => one === state);
  if (typeof tag !== 'string' || !isTag(tag) || known === undefined) return undefined;
  if (message === undefined) return { tag, state: known };
  return typeof message === 'string' ? { tag, state: known, message: inOneLine(message) } : undefined;
}

function inOneLine(message: string): string {
  const line = message.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > buildMessageLimit ? `${line.slice(0, buildMessageLimit - 1)}…` : line;
}
