import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import type { Cluster } from './cluster.ts';

/**
 * Answers for Services as a cluster's DNS does, `<service>.<namespace>.svc` with and without `cluster.local` behind it;
 * of anything else it says that there is none. It ends with the process.
 * https://www.rfc-editor.org/rfc/rfc1035#section-4
 */
export async function startNameServer({ api }: Pick<Cluster, 'api'>, address: string): Promise<void> {
  const addresses = new Map<string, string>();
  await api.watch('/api/v1/services', ({ type, object: { metadata, spec } }) => {
    const name = `${metadata.name}.${metadata.namespace}.svc`;
    const clusterIP = String(spec?.['clusterIP']);
    if (type !== 'DELETED' && isIPv4(clusterIP)) addresses.set(name, clusterIP);
    else addresses.delete(name);
  });
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address: sender }: RemoteInfo) => {
    socket.send(answerTo(addresses, query), port, sender);
  });
  socket.unref();
  socket.bind(53, address);
  await once(socket, 'listening');
}

const flags = { found: 0x8580, noSuchName: 0x8583 } as const;
const typeA = 1;

/** @param addresses of Services, by `<service>.<namespace>.svc`. */
function answerTo(addresses: ReadonlyMap<string, string>, query: Buffer): Buffer {
  const { name, end } = readName(query);
  const isAddress = query.readUInt16BE(end) === typeA;
  const address = addresses.get(name.replace(/\.cluster\.local$/, ''));
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(address === undefined ? flags.noSuchName : flags.found, 2);
  header.writeUInt16BE(1, 4);
  const records = address === undefined || !isAddress ? [] : [addressRecord(address)];
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(12, end + 4), ...records]);
}

/** The question's name, and where it ends. */
function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** For the name of the question, class IN, kept for five seconds. */
function addressRecord(address: string): Buffer {
  const record = Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 5, 0, 4]);
  return Buffer.concat([record, Buffer.from(address.split('.').map(Number))]);
}
