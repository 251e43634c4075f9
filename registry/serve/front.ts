import type { Socket } from 'node:net';
import type { Front, FrontConnection } from '../../runtime/httpServer.ts';
import type { HttpMetrics } from '../../runtime/metrics.ts';
import { parsePath } from '../path.ts';
import { createByteCache } from './byteCache.ts';
import { type Recall, type RecallablePath, recallable, recallCounters } from './recall.ts';
import type { Reply } from './reply.ts';
import { headLimit, readRequestHead } from './requestHead.ts';
import { createWakefulness } from './wakefulness.ts';
import { type Wire, wireOf } from './wire.ts';

/** Memory for requests that were understood: a client says the same again and again. */
const requestBytes = 4_194_304;
/** What an understood request holds beside its text: its path and the answer's head. */
const knownBytes = 2048;

interface Known {
  readonly isHead: boolean;
  readonly path: RecallablePath;
  wire: Wire | undefined;
}

const timedOut = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * Answers plain requests for what is in memory before HTTP's parser and objects come into being: a third of the time, and
 * half of the memory of a connection. It takes a piece of bytes that is exactly one request, and nothing but that; any
 * other piece is put back as it came, and the connection is HTTP's from there on. The answers are the same.
 */
export function createFront(recall: Recall, metrics: HttpMetrics): Front {
  const requests = createByteCache<Known>(requestBytes);
  const counted = recallCounters(metrics);
  const stayAwake = createWakefulness();

  const send = (socket: Socket, known: Known, reply: Reply, keepAliveSeconds: number): boolean => {
    if (reply.body.kind !== 'Bytes') return false;
    const second = Math.trunc(Date.now() / 1000);
    if (known.wire?.isOf(reply, second) !== true) known.wire = wireOf(reply, second, keepAliveSeconds);
    const { wire } = known;
    if (wire === undefined) return false;
    if (known.isHead) socket.write(wire.head);
    else if (wire.whole !== undefined) socket.write(wire.whole);
    else {
      socket.cork();
      socket.write(wire.head);
      socket.write(reply.body.bytes);
      socket.uncork();
    }
    counted[known.path.kind](known.isHead ? 0 : reply.body.bytes.length);
    stayAwake(socket);
    return true;
  };

  return ({ socket, speakHttp, limits, isClosing }: FrontConnection) => {
    const keepAliveSeconds = Math.trunc(limits.keepAliveMilliseconds / 1000);
    let isFresh = true;

    const read = (chunk: Buffer): void => {
      // Who asks before the last answer is out is held back by HTTP's own rules.
      if (chunk.length > headLimit || socket.writableLength > 0) return leave(chunk);
      const text = chunk.toString('latin1');
      const before = requests.get(text);
      const known = before ?? understand(text);
      if (known === undefined) return leave(chunk);
      const reply = recall.now(known.path, undefined);
      if (reply === undefined && before !== undefined) return void ask(chunk, text, before);
      if (reply === undefined || !send(socket, known, reply, keepAliveSeconds)) return leave(chunk);
      // Only what is there is remembered, so that nobody can fill the memory with what is not.
      if (before === undefined) requests.set(text, known, text.length + knownBytes);
      settle();
    };
    /** What was in memory a while ago may be the same still. */
    const ask = async (chunk: Buffer, text: string, known: Known): Promise<void> => {
      socket.pause();
      const reply = await recall.later(known.path, undefined).catch(() => undefined);
      if (socket.destroyed) return;
      if (isClosing() || reply === undefined || !send(socket, known, reply, keepAliveSeconds)) {
        requests.delete(text);
        return leave(chunk);
      }
      settle();
      socket.resume();
    };
    const settle = (): void => {
      if (socket.writableNeedDrain) {
        socket.setTimeout(limits.stalledMilliseconds);
        socket.once('drain', rest);
      } else if (isFresh) rest();
      isFresh = false;
    };
    const rest = (): void => void socket.setTimeout(limits.keepAliveMilliseconds);
    const leave = (chunk: Buffer): void => {
      socket.off('data', read).off('end', end).off('timeout', late).off('drain', rest).off('error', ignore);
      socket.pause();
      socket.unshift(chunk);
      speakHttp();
      socket.resume();
    };
    const end = (): void => void socket.end();
    const late = (): void => {
      if (!isFresh) return void socket.destroy();
      socket.end(timedOut);
      socket.destroySoon();
    };

    socket.on('data', read).on('end', end).on('timeout', late).on('error', ignore);
    socket.setTimeout(limits.headersMilliseconds);
  };
}

function understand(text: string): Known | undefined {
  const head = readRequestHead(text);
  const path = head && recallable(parsePath(head.url));
  return head && path && { isHead: head.method === 'HEAD', path, wire: undefined };
}

/** The client went away. */
function ignore(): void {}
