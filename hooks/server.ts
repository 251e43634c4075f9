import { Router } from '@koa/router';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { bearerCheck } from '../runtime/bearer.ts';
import type { Turn } from '../runtime/contract/turn.ts';
import { CodedError, messageOf } from '../runtime/errors.ts';
import type { Handler } from '../runtime/httpServer.ts';
import type { Logger } from '../runtime/log.ts';
import { createMetrics, httpMetrics } from '../runtime/metrics.ts';
import { customize } from './customize.ts';
import type { DecorateResponse } from './decorator/decorate.ts';
import { type DecoratorSettings, decorate, undecorate } from './decorator/decorate.ts';
import { type NamespaceRequest, parseNamespaceRequest } from './decorator/request.ts';
import { finalize, isQuiet } from './finalize.ts';
import { type HookMetrics, hookMetrics } from './hookMetrics.ts';
import type { Keeper } from './keeperClient.ts';
import type { FinalizeResponse, SyncRequest, SyncResponse } from './metacontroller.ts';
import { parseRequest } from './parseRequest.ts';
import type { ObservedTurn } from './phase/turn.ts';
import { buildNews } from './status/buildNews.ts';
import { imageOf, type ObservedImage, type SyncOptions, sync } from './sync.ts';

export interface HookParts {
  readonly keeper: Keeper;
  /** What Metacontroller shows. */
  readonly token: string;
  readonly options: SyncOptions;
  /** How namespaces get their part of the volume; without it the hook serves no namespaces. */
  readonly decorator?: DecoratorSettings;
  readonly logger: Logger;
}

/** Metacontroller sends an object with all its children; a body beyond this is a mistake. */
const bodyLimit = '32mb';

/**
 * The webhook: `/sync` and `/finalize` for NixImages, both again below `/namespaces` for Namespaces, `/healthz`, `/readyz` and `/metrics` for the cluster.
 * Errors are short plain text, for Metacontroller puts them into an event on the object.
 */
export function createHookHandler(parts: HookParts): Handler {
  const { token, logger } = parts;
  const registry = createMetrics();
  const http = httpMetrics(registry);
  const metrics = hookMetrics(registry);
  const isAllowed = bearerCheck(token);
  const app = new Koa();
  app.silent = true;
  app.use(async (context, next) => {
    http.track(context.res, () => routeOf(context.path));
    try {
      await next();
      if (context.status === 404 && context.body === undefined)
        answerText(context, 404, 'there is nothing here; the hook has /sync and /finalize');
    } catch (error) {
      const { status, message } = problemOf(error);
      if (status === 500) logger.error({ error }, 'a request failed');
      answerText(context, status, message);
    }
  });
  const hook = new Router();
  const allowed: Koa.Middleware = async (context, next) => {
    if (isAllowed(context.get('authorization'))) return await next();
    context.set('www-authenticate', 'Bearer');
    answerText(context, 401, 'the token is missing or wrong; it is the one of the CompositeController');
  };
  const parse = bodyParser({
    enableTypes: ['json'],
    jsonLimit: bodyLimit,
    strict: true,
    detectJSON: () => true,
  });
  hook.post('/sync', allowed, parse, async (context) => {
    const answer = await answerSync(parts, parseRequest(context.request.body), metrics);
    if (!('turn' in answer)) return void (context.body = answer);
    context.set('retry-after', String(answer.askAgainSeconds));
    answerText(context, 429, 'many images came at once; this one is looked at in a moment');
  });
  hook.post('/finalize', allowed, parse, async (context) => {
    context.body = await answerFinalize(parts, parseRequest(context.request.body));
  });
  hook.post('/customize', allowed, parse, (context) => {
    const body: unknown = context.request.body;
    const parent = typeof body === 'object' && body !== null ? Reflect.get(body, 'parent') : undefined;
    context.body = customize(parent);
  });
  hook.post('/namespaces/sync', allowed, parse, async (context) => {
    context.body = await answerNamespace(parts, parseNamespaceRequest(context.request.body));
  });
  hook.post('/namespaces/finalize', allowed, parse, (context) => {
    parseNamespaceRequest(context.request.body);
    context.body = undecorate();
  });
  hook.get('/healthz', (context) => answerText(context, 200, 'ok'));
  hook.get('/readyz', (context) => answerText(context, 200, 'ok'));
  hook.get('/metrics', async (context) => {
    context.type = registry.contentType;
    context.body = await registry.metrics();
  });
  app.use(hook.routes()).use(hook.allowedMethods());
  return app.callback();
}

/** Nothing is said of the image now, which costs Metacontroller nothing: it asks again, and makes no event of it. */
type Later = Extract<Turn, { turn: 'Later' }>;

async function answerSync(
  parts: HookParts,
  request: SyncRequest,
  metrics: HookMetrics,
): Promise<SyncResponse | Later> {
  const { keeper, logger } = parts;
  const image = imageOf(request);
  const observed =
    image === undefined
      ? { state: 'Unknown' as const, reason: 'the object is not valid' }
      : await keeper.imageState(image.namespace, image.name, image.data.tag);
  const response = await withTurn(parts, request, observed);
  const before = request.parent.object['status'];
  if ('turn' in response) {
    metrics.synced(before, before);
    return response;
  }
  const state = metrics.synced(before, response.status);
  const news = buildNews(before, response.status);
  if (image !== undefined && news !== undefined)
    void keeper
      .noteBuild(image.namespace, image.name, { tag: image.data.tag, ...news })
      .catch((error: unknown) => logger.debug({ error }, 'the keeper could not note a build'));
  logger.debug(
    { image: image?.name, namespace: image?.namespace, state, observed: observed.state },
    'synced',
  );
  return response;
}

/** The answer, where the keeper has been told what it is to know of the image's build, and asked whose turn it is. */
async function withTurn(
  { keeper, options, logger }: HookParts,
  request: SyncRequest,
  observed: ObservedImage,
): Promise<SyncResponse | Later> {
  const { response, slot } = sync(request, observed, options, Date.now());
  if (slot === undefined) return response;
  const { namespace, name } = request.parent.metadata;
  const turn = await keeper.useSlot(namespace, name, slot).catch((error: unknown): ObservedTurn => {
    // A slot that was not given back is taken back after a while, and one that is held is spoken of again.
    logger.debug({ namespace, name, error }, 'the keeper was not told of a build');
    return { turn: 'Unknown', reason: messageOf(error) };
  });
  if (slot.use !== 'Start' || turn === undefined) return response;
  if (turn.turn === 'Later') return turn;
  return sync(request, observed, options, Date.now(), turn).response;
}

async function answerFinalize(
  { keeper, logger }: HookParts,
  request: SyncRequest,
): Promise<FinalizeResponse> {
  const { name, namespace, uid, deletionTimestamp } = request.parent.metadata;
  if (deletionTimestamp === undefined || !isQuiet(request)) return finalize(request, false);
  try {
    const removed = await keeper.finalize(namespace, name, uid);
    logger.info({ name, namespace, ...removed }, 'finalized');
    return finalize(request, true);
  } catch (error) {
    // A later namespace of this name inherits nothing of the tree, so this one need not wait for a registry.
    if (request.namespaceIsGoing) {
      logger.warn(
        { name, namespace, error },
        'the keeper did not finalize; its namespace goes, so it goes too',
      );
      return finalize(request, true);
    }
    logger.warn({ name, namespace, error }, 'the keeper did not finalize; asked again soon');
    return finalize(request, false);
  }
}

/** The keeper makes the namespace's tree first: a builder's volume shows nothing but that folder. */
async function answerNamespace(
  { keeper, decorator, logger }: HookParts,
  request: NamespaceRequest,
): Promise<DecorateResponse> {
  if (decorator === undefined)
    throw new NoVolumeError(
      'NO_VOLUME',
      'the hook was given no volume for namespaces; set NIXIMAGE_VOLUME_PATH in its configuration',
    );
  const { name: namespace, uid } = request;
  try {
    await keeper.createNamespace(namespace, uid);
    return decorate(request, true, decorator);
  } catch (error) {
    logger.warn({ namespace, error }, 'the keeper did not make the tree; asked again soon');
    return decorate(request, false, decorator);
  }
}

class NoVolumeError extends CodedError<'NO_VOLUME'> {}

const routes = [
  '/sync',
  '/finalize',
  '/customize',
  '/namespaces/sync',
  '/namespaces/finalize',
  '/healthz',
  '/readyz',
  '/metrics',
];

function routeOf(path: string): string {
  return routes.includes(path) ? path.slice(1) : 'other';
}

/** The body parser's errors have a status; what is refused on purpose is the sender's fault. */
function problemOf(error: unknown): { readonly status: number; readonly message: string } {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return { status, message: `the request is larger than ${bodyLimit}` };
  if (error instanceof CodedError) return { status: 400, message: error.message };
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, message: `the request cannot be read: ${messageOf(error)}` };
  return { status: 500, message: 'something went wrong in the hook; its log tells more' };
}

function answerText(context: Koa.Context, status: number, message: string): void {
  context.status = status;
  context.type = 'text/plain';
  context.body = `${message}\n`;
}
