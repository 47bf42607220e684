import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { Cluster, Member } from '../../../cluster/cluster-types.js';

export interface SlowReader {
  readonly read: () => number;
  readonly ended: () => boolean;
  readonly close: () => void;
}

/** Bytes the server may send ahead of what was read. */
const WINDOW = 64 * 1024;

/** Ask a member for a snapshot of its database, and read it at `bytesPerSecond`. */
export async function readSnapshot(cluster: Cluster, member: Member, bytesPerSecond: number): Promise<SlowReader> {
  const token = await tokenOf(cluster, member);
  const session = await openSession(member);
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/etcdserverpb.Maintenance/Snapshot',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(token === undefined ? {} : { token }),
  });
  let read = 0;
  let ended = false;
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  stream.on('data', (data: Buffer) => {
    read += data.length;
    const ahead = (read / bytesPerSecond) * 1000 - (performance.now() - started);
    if (ahead <= 0) return;
    stream.pause();
    timer = setTimeout(() => stream.resume(), ahead);
  });
  stream.on('error', () => undefined);
  stream.on('close', () => {
    ended = true;
  });
  // A message of no fields: five bytes of head and nothing behind them.
  stream.end(Buffer.alloc(5));
  return {
    read: () => read,
    ended: () => ended,
    close: () => {
      clearTimeout(timer);
      session.destroy();
    },
  };
}

async function tokenOf(cluster: Cluster, member: Member): Promise<string | undefined> {
  if (cluster.auth === undefined) return undefined;
  const client = await member.client();
  try {
    const { token } = await client.call('Authenticate', { name: cluster.auth.user, password: cluster.auth.password });
    return String(token);
  } finally {
    client.close();
  }
}

function openSession(member: Member): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(member.clientUrl, {
      ...member.credentials,
      rejectUnauthorized: false,
      servername: 'localhost',
      settings: { initialWindowSize: WINDOW },
    });
    session.once('remoteSettings', () => {
      session.setLocalWindowSize(WINDOW);
      resolve(session);
    });
    session.on('error', reject);
    session.unref();
  });
}
