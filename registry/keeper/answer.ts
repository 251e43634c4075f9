import { parseBuildNews } from '../buildNews.ts';
import { Problem } from '../problem.ts';
import { parseSlotUse } from '../queue/slotUse.ts';
import type { Keeping } from './keeping.ts';
import type { KeeperPath } from './path.ts';
import { parseUidBody } from './uidBody.ts';

export interface KeeperAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The answer to a request whose token has been checked (`runtime/contract/keeper.ts`). */
export async function keeperAnswer(
  keeping: Keeping,
  path: KeeperPath,
  method: string,
  body: unknown,
): Promise<KeeperAnswer> {
  try {
    return await reply(keeping, path, method, body);
  } catch (error) {
    if (error instanceof Problem) return failure(error.status, error.code, error.message);
    throw error;
  }
}

async function reply(
  keeping: Keeping,
  path: KeeperPath,
  method: string,
  body: unknown,
): Promise<KeeperAnswer> {
  switch (path.kind) {
    case 'ImageState':
      if (method !== 'GET') return wrongMethod('GET');
      return done(await keeping.imageState(path.namespace, path.name, path.tag));
    case 'Progress': {
      if (method !== 'GET') return wrongMethod('GET');
      const progress = await keeping.progress(path.namespace, path.name, path.pod);
      return progress === undefined
        ? failure(404, 'NO_PROGRESS', 'that builder has told no progress')
        : done(progress);
    }
    case 'Build': {
      if (method !== 'PUT') return wrongMethod('PUT');
      const news = parseBuildNews(body);
      if (news === undefined) return wrongNews;
      if (await keeping.noteBuild(path.namespace, path.name, news)) return done({});
      return failure(404, 'NO_NAMESPACE', 'the namespace has no folder on the volume');
    }
    case 'Slot': {
      if (method !== 'POST') return wrongMethod('POST');
      const use = parseSlotUse(body);
      if (use === undefined) return wrongUse;
      return done((await keeping.useSlot(path.namespace, path.name, use)) ?? {});
    }
    case 'Finalize': {
      if (method !== 'POST') return wrongMethod('POST');
      const uid = parseUidBody(body);
      return uid === undefined ? wrongBody : done(await keeping.finalize(path.namespace, path.name, uid));
    }
    case 'Namespace': {
      if (method !== 'PUT') return wrongMethod('PUT');
      const uid = parseUidBody(body);
      if (uid === undefined) return wrongBody;
      const outcome = await keeping.createNamespace(path.namespace, uid);
      return { status: outcome === 'made' ? 201 : 200, body: {} };
    }
    case 'Malformed':
      return failure(400, 'MALFORMED_PATH', path.message);
    case 'Unknown':
      return failure(404, 'UNKNOWN_PATH', 'the keeper has nothing at this address');
  }
}

/** An answer in the shape of all the keeper's failures. */
export function failure(status: number, code: string, message: string): KeeperAnswer {
  return { status, body: { error: { code, message } } };
}

function done(body: unknown): KeeperAnswer {
  return { status: 200, body };
}

function wrongMethod(allowed: string): KeeperAnswer {
  return failure(405, 'WRONG_METHOD', `this address takes ${allowed} only`);
}

const wrongNews = failure(400, 'MALFORMED_BODY', 'the body must be {"tag", "state", "message"}');
const wrongUse = failure(400, 'MALFORMED_BODY', 'the body must be {"use", "pod", "since", "running"}');
const wrongBody = failure(400, 'MALFORMED_BODY', 'the body must be {"uid": "<uid>"} and nothing else');
