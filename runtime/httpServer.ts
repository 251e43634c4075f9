import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, hasErrno, messageOf } from './errors.ts';

// An import of it asks for each of its exports, and one of them is a whole client: 12 MB.
const { createServer } = process.getBuiltinModule('node:http');

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/**
 * Has each connection to itself until it calls `speakHttp`: from then on the connection is HTTP's, which begins with what
 * was put back (`unshift`). It must leave no listener then, and must not read on while the connection is paused.
 */
export type Front = (connection: FrontConnection) => void;

export interface FrontConnection {
  readonly socket: Socket;
  readonly speakHttp: () => void;
  readonly limits: ServerLimits;
  /** Whether the server takes no more requests; what was paused then is HTTP's to answer. */
  readonly isClosing: () => boolean;
}

export interface ServerLimits {
  /** Bytes of a request's line and headers; more is answered 431. */
  readonly maxHeaderSize: number;
  /** Connections open at once; more are closed as they come. */
  readonly maxConnections: number;
  /** How long a connection may stay open between two requests. */
  readonly keepAliveMilliseconds: number;
  /** How long a client may take to send a request's headers; slower is answered 408. */
  readonly headersMilliseconds: number;
  /** How long a client may take to send a whole request; slower is answered 408. */
  readonly requestMilliseconds: number;
  /** How long nothing may move on a connection while a request is answered; then it is cut. */
  readonly stalledMilliseconds: number;
}

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface TlsOptions {
  readonly certificate: Certificate;
  /** Takes what is to be called with each certificate that replaces the last one. */
  readonly onRenewal: (use: (certificate: Certificate) => void) => void;
}

/** Kept open for longer than load balancers do (60 to 75 s), so that they never send into a closed connection. */
const defaultLimits: ServerLimits = {
  maxHeaderSize: 16_384,
  maxConnections: 4096,
  keepAliveMilliseconds: 100_000,
  headersMilliseconds: 110_000,
  requestMilliseconds: 300_000,
  stalledMilliseconds: 300_000,
};

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Without it the server speaks plain HTTP. */
  readonly tls?: TlsOptions | undefined;
  /** Whether several processes listen on that port, and the kernel shares the connections out. */
  readonly isShared?: boolean;
  /** Sees connections before HTTP does. */
  readonly front?: Front | undefined;
  /** How long `close` waits for running requests; default 10 s. */
  readonly drainMilliseconds?: number;
  readonly limits?: Partial<ServerLimits>;
  /** Told of what a handler throws; the client gets a plain 500. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningServer {
  /** `http://host:port`, or https, to be used on this machine. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Takes no more connections, lets running requests end, then closes what is left. Never rejects. */
  close(): Promise<void>;
}

export class ListenError extends CodedError<'ADDRESS_IN_USE' | 'ADDRESS_REFUSED' | 'ADDRESS_UNUSABLE'> {}

/**
 * Starts an HTTP server; Koa's `callback()` and plain handlers both fit.
 * A client that goes away (EPIPE, ECONNRESET) is no error.
 * @throws {ListenError} when the address cannot be had.
 */
export async function listen(handler: Handler, options: ListenOptions): Promise<RunningServer> {
  const { drainMilliseconds = 10_000, onError = () => {} } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const settings = {
    maxHeaderSize: limits.maxHeaderSize,
    keepAliveTimeout: limits.keepAliveMilliseconds,
    headersTimeout: limits.headersMilliseconds,
    requestTimeout: limits.requestMilliseconds,
    connectionsCheckingInterval: Math.min(5000, limits.headersMilliseconds),
    noDelay: true,
  };
  const { tls } = options;
  const server = tls === undefined ? createServer(settings) : withTls(settings, tls);
  server.setTimeout(limits.stalledMilliseconds);
  server.maxConnections = limits.maxConnections;

  // With the responses under way, where it speaks HTTP.
  const connections = new Map<Socket, Set<ServerResponse> | undefined>();
  let closing = false;
  const isClosing = (): boolean => closing;
  const { front } = options;
  // A request belongs to the socket above TLS, where there is one.
  const arrival = tls === undefined ? 'connection' : 'secureConnection';
  const speakers = server.listeners(arrival);
  server.removeAllListeners(arrival);
  server.on(arrival, (socket: Socket) => {
    connections.set(socket, undefined);
    socket.once('close', () => connections.delete(socket));
    const speakHttp = (): void => {
      connections.set(socket, new Set());
      for (const speaker of speakers) Reflect.apply(speaker, server, [socket]);
    };
    if (front === undefined) speakHttp();
    else front({ socket, speakHttp, limits, isClosing });
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    const running = connections.get(socket);
    running?.add(response);
    if (closing) response.setHeader('connection', 'close');
    request.on('error', ignore);
    response.on('error', ignore);
    response.once('close', () => {
      running?.delete(response);
      if (closing && running?.size === 0) socket.destroySoon();
    });
    void answer(handler, request, response, onError);
  });

  const port = await bind(server, options);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing = true;
    const ended = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const [socket, running] of connections) {
      if (running === undefined ? !socket.isPaused() : running.size === 0) socket.destroySoon();
      for (const response of running ?? [])
        if (!response.headersSent) response.setHeader('connection', 'close');
    }
    const timer = new AbortController();
    const late = delay(drainMilliseconds, undefined, { signal: timer.signal }).catch(ignore);
    await Promise.race([ended, late]);
    timer.abort();
    for (const socket of connections.keys()) socket.destroy();
    await ended;
  };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${reachable(options.host)}:${port}`,
    host: options.host,
    port,
    close: () => (closed ??= close()),
  };
}

function withTls(settings: object, { certificate, onRenewal }: TlsOptions): TlsServer {
  const server = process
    .getBuiltinModule('node:https')
    .createServer({ ...settings, ...certificate, minVersion: 'TLSv1.2' });
  onRenewal((renewed) => server.setSecureContext(renewed));
  return server;
}

/** Errors of a request's or a response's stream say that the client went away; its `close` event is what counts. */
function ignore(): void {}

async function answer(
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    await handler(request, response);
  } catch (error) {
    if (!hasErrno(error, 'EPIPE') && !hasErrno(error, 'ECONNRESET')) onError(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { 'content-type': 'text/plain' }).end('internal error\n');
  }
}

function bind(server: Server | TlsServer, { host, port, isShared = false }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(cause, host, port)));
    server.listen({ host, port, backlog: 1024, reusePort: isShared }, () => {
      // A TCP server that listens has an AddressInfo; strings and null belong to pipes and closed servers.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(cause: unknown, host: string, port: number): ListenError {
  const where = `port ${port} on ${host}`;
  if (hasErrno(cause, 'EADDRINUSE'))
    return new ListenError('ADDRESS_IN_USE', `${where} is in use by another program; choose another port`, {
      cause,
    });
  if (hasErrno(cause, 'EACCES'))
    return new ListenError('ADDRESS_REFUSED', `${where} is not allowed for this user; choose one from 1024`, {
      cause,
    });
  return new ListenError('ADDRESS_UNUSABLE', `${where} cannot be listened on: ${messageOf(cause)}`, {
    cause,
  });
}

/** The host in a URL for whoever is on this machine. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
