import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { bearerCheck } from '../../runtime/bearer.ts';
import type { Handler } from '../../runtime/httpServer.ts';
import type { Logger } from '../../runtime/log.ts';
import { createMetrics, httpMetrics, type Registry } from '../../runtime/metrics.ts';
import { createHealth } from '../health.ts';
import { createObserver } from '../observe.ts';
import { failure, type KeeperAnswer, keeperAnswer } from './answer.ts';
import type { Keeping } from './keeping.ts';
import { parseKeeperPath } from './path.ts';

const bodyLimit = '1mb';

/** The keeper's internal port over `keeping`; every request but those for its health must show `token`. */
export function createKeeperHandler(
  keeping: Keeping,
  token: string,
  logger: Logger,
  metrics: Registry = createMetrics(),
): Handler {
  const observe = createObserver(logger, httpMetrics(metrics));
  const health = createHealth(metrics, () => keeping.ready());
  const allowed = bearerCheck(token);
  const app = new Koa();
  // What is thrown below is logged there; Koa would print it to the console.
  app.silent = true;

  app.use(async (context, next) => {
    const { req: request, res: response } = context;
    const observed = observe(request, response);
    const url = request.url ?? '/';
    if (await health(url, request, response)) {
      observed.route = 'health';
      context.respond = false;
      return;
    }
    const path = parseKeeperPath(url);
    observed.route = path.kind;
    const say = ({ status, body }: KeeperAnswer): void => {
      context.status = status;
      context.body = body;
    };
    // Before the body is read and before the path is judged: a stranger learns nothing and costs nothing.
    if (!allowed(request.headers.authorization)) {
      context.set('www-authenticate', 'Bearer realm="niximage-keeper"');
      say(failure(401, 'UNAUTHORIZED', 'this port needs the header Authorization: Bearer <token>'));
      return;
    }
    try {
      await next();
      say(await keeperAnswer(keeping, path, context.method, context.request.body));
    } catch (error) {
      if (error instanceof BodyError) say(bodyFailure(error.status));
      else {
        logger.error({ id: observed.id, error }, 'a request failed');
        say(failure(500, 'INTERNAL', `something went wrong here; the keeper's log has it as ${observed.id}`));
      }
    }
  });
  app.use(
    bodyParser({
      enableTypes: ['json'],
      // Whatever the Content-Type says: nothing but JSON is taken here.
      detectJSON: () => true,
      jsonLimit: bodyLimit,
      onerror: (error) => {
        throw new BodyError(error);
      },
    }),
  );
  return app.callback();
}

/** The body could not be read as JSON of at most the limit; `status` is what the parser says of it. */
class BodyError extends Error {
  readonly status: number;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.status = 'status' in cause && cause.status === 413 ? 413 : 400;
  }
}

function bodyFailure(status: number): KeeperAnswer {
  return status === 413
    ? failure(413, 'BODY_TOO_LARGE', `a body may have ${bodyLimit} at most`)
    : failure(400, 'MALFORMED_BODY', 'the body is not JSON');
}
