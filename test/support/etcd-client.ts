import * as grpc from '@grpc/grpc-js';
import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader';
import { METHODS, MESSAGES, type MethodName } from './etcd-proto.js';

export type TlsCredentials = { ca: Buffer; cert?: Buffer; key?: Buffer };

/** A plain unary client for tests; unlike the collector's it can write. 64-bit numbers are strings both ways. */
export type EtcdClient = {
  endpoint: string;
  call: (method: MethodName, request: object, deadlineMs?: number) => Promise<Reply>;
  /** Log in once; later calls carry the token. */
  login: (user: string, password: string) => Promise<void>;
  /** Open a watch stream on [key, rangeEnd); resolves once the server confirmed it. Returns the function that ends it. */
  watch: (key: string, rangeEnd?: string, deadlineMs?: number) => Promise<() => void>;
  close: () => void;
};

/** An answer as proto-loader gives it: numbers of 64 bits as decimal strings, bytes as Buffer. */
export type Reply = { [field: string]: unknown };

const DEFAULT_DEADLINE_MS = 5_000;

function serviceOf(name: string) {
  const methods = METHODS.filter((method) => method.service === name).map((method) => {
    const stream = method.name === 'Watch' || method.name === 'LeaseKeepAlive';
    const types = { requestType: method.request as string, responseType: method.response as string };
    return [method.name, { ...types, requestStream: stream, responseStream: stream }] as const;
  });
  return { methods: Object.fromEntries(methods) };
}

const services = Object.fromEntries([...new Set(METHODS.map(({ service }) => service))].map((s) => [s, serviceOf(s)]));

// The descriptor's own type wants protobufjs's classes of options; these are its plain JSON form.
const descriptor = { nested: { etcdserverpb: { nested: { ...MESSAGES, ...services } } } } as Parameters<
  typeof fromJSON
>[0];
const definition = fromJSON(descriptor, { longs: String, enums: String, defaults: true });

/** Connect to one client URL (http or https). The connection is made on the first call. Server certificates are not judged. */
export function connect(url: string, tls?: TlsCredentials): EtcdClient {
  const { host, protocol } = new URL(url);
  const credentials =
    protocol === 'https:'
      ? grpc.credentials.createSsl(tls?.ca ?? null, tls?.key ?? null, tls?.cert ?? null, { rejectUnauthorized: false })
      : grpc.credentials.createInsecure();
  const client = new grpc.Client(host, credentials, {
    'grpc.enable_http_proxy': 0,
    ...(protocol === 'https:' ? { 'grpc.ssl_target_name_override': 'localhost' } : {}),
    'grpc.max_receive_message_length': 256 * 1024 * 1024,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
    // Two clients of one process shall not share a connection: a load must not slow down a health check.
    'grpc.use_local_subchannel_pool': 1,
  });
  const metadata = new grpc.Metadata();

  function call(method: MethodName, request: object, deadlineMs = DEFAULT_DEADLINE_MS): Promise<Reply> {
    const found = methodOf(method);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest<object, Reply>(
        found.path,
        found.requestSerialize,
        (bytes) => found.responseDeserialize(bytes),
        request,
        metadata,
        { deadline: Date.now() + deadlineMs },
        (error, reply) => {
          if (error !== null) reject(error);
          else resolve(reply ?? {});
        },
      );
    });
  }

  function watch(key: string, rangeEnd = '', deadlineMs = DEFAULT_DEADLINE_MS): Promise<() => void> {
    const found = methodOf('Watch');
    const stream = client.makeBidiStreamRequest<object, Reply>(
      found.path,
      found.requestSerialize,
      (bytes) => found.responseDeserialize(bytes),
      metadata,
    );
    const createRequest = { key: Buffer.from(key), rangeEnd: Buffer.from(rangeEnd) };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => stream.cancel(), deadlineMs);
      stream.once('data', () => {
        clearTimeout(timer);
        resolve(() => stream.cancel());
      });
      stream.on('data', () => undefined);
      stream.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      stream.write({ createRequest });
    });
  }

  return {
    endpoint: url,
    call,
    watch,
    login: async (user, password) => {
      const { token } = await call('Authenticate', { name: user, password });
      metadata.set('token', String(token));
    },
    close: () => client.close(),
  };
}

/** A request as bytes, and the path it goes to, for callers that speak HTTP/2 themselves. */
export function encodeRequest(method: MethodName, request: object): { path: string; message: Buffer } {
  const { path, requestSerialize } = methodOf(method);
  return { path, message: requestSerialize(request) };
}

/** The other way round: an answer from its bytes. */
export function decodeReply(method: MethodName, bytes: Buffer): Reply {
  return methodOf(method).responseDeserialize(bytes);
}

function methodOf(name: MethodName) {
  const spec = METHODS.find((method) => method.name === name);
  const service = definition[`etcdserverpb.${spec?.service}`] as ServiceDefinition | undefined;
  const method = service?.[name];
  if (method === undefined) throw new Error(`no method ${name} in the descriptor`);
  // proto-loader types what it decodes as a bare object.
  return { ...method, responseDeserialize: (bytes: Buffer): Reply => ({ ...method.responseDeserialize(bytes) }) };
}
