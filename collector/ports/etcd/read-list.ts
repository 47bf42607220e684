import {
  InterceptingCall,
  type Interceptor,
  type InterceptorOptions,
  type Listener,
  type Metadata,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { ProbeError } from '../../probe.js';
import { ownMethod } from './descriptor.js';

/** What a call tells the interceptor; travels inside the call options, which grpc-js hands on unchanged. */
export interface CallNotes {
  readonly signal: AbortSignal;
  readonly token?: string;
  /** Called once, when the request is let through. */
  readonly onSend: () => void;
  /** The status as it came from the wire, before any client library rewrites it. */
  readonly onStatus: (status: StatusObject) => void;
}

type MessageCheck = (bytes: Buffer) => string | undefined;

/** Every RPC that may leave this process. `check` names what is wrong with a message, if anything. */
export const READ_LIST: Readonly<Record<string, MessageCheck>> = {
  '/etcdserverpb.Maintenance/Status': () => undefined,
  '/etcdserverpb.Maintenance/HashKV': () => undefined,
  '/etcdserverpb.Maintenance/Alarm': (bytes) =>
    decoded('Maintenance/Alarm', bytes, 'action') === 0 ? undefined : 'an alarm action other than GET',
  '/etcdserverpb.Cluster/MemberList': () => undefined,
  '/etcdserverpb.KV/Range': (bytes) => {
    if (decoded('KV/Range', bytes, 'count_only') !== true) return 'a range read that is not count-only';
    if (decoded('KV/Range', bytes, 'serializable') === true) return undefined;
    return spansOneKey(bytes) ? undefined : 'a linearizable read of more than one key';
  },
  '/etcdserverpb.Auth/Authenticate': () => undefined,
};

const decoded = (method: 'Maintenance/Alarm' | 'KV/Range', bytes: Buffer, field: string): unknown => {
  // The service stubs know only how to decode answers; a request is decoded with the same message type.
  const request: Record<string, unknown> = { ...ownMethod(method).requestDeserialize(bytes) };
  return request[field];
};

/** Whether a range is empty or ends right behind its first key. */
const spansOneKey = (bytes: Buffer): boolean => {
  const [key, end] = [decoded('KV/Range', bytes, 'key'), decoded('KV/Range', bytes, 'range_end')];
  if (!Buffer.isBuffer(key) || !Buffer.isBuffer(end)) return false;
  return end.length === 0 || end.equals(Buffer.concat([key, Buffer.from([0])]));
};

const refused = (path: string, what: string): ProbeError =>
  new ProbeError('denied', 'write-blocked', `${path} was not sent: ${what}`);

/**
 * Guards a channel: lets only the read list through, refuses the rest with ProbeError `write-blocked` before a stream
 * exists, adds the login token and ends the call when its signal aborts.
 */
export const readOnlyInterceptor: Interceptor = (options, nextCall) => {
  const { path, requestSerialize, requestStream, responseStream } = options.method_definition;
  const check = READ_LIST[path];
  if (check === undefined || requestStream || responseStream) throw refused(path, 'it is not on the read list');
  const { notes } = options as InterceptorOptions & { readonly notes?: CallNotes };
  const call = nextCall(options);
  let begin: (() => void) | undefined;
  const abort = () => call.cancelWithStatus(status.CANCELLED, 'the collector gave up');
  return new InterceptingCall(call, {
    start: (metadata: Metadata, _listener: Listener, next) => {
      // The call starts only once its message has been looked at: headers alone would already reach the server.
      begin = () => {
        if (notes?.token !== undefined) metadata.set('token', notes.token);
        next(metadata, {
          onReceiveStatus: (received, pass) => {
            notes?.signal.removeEventListener('abort', abort);
            notes?.onStatus(received);
            pass(received);
          },
        });
      };
    },
    sendMessage: (message: unknown, next) => {
      const wrong = check(requestSerialize(message));
      if (wrong !== undefined) throw refused(path, wrong);
      notes?.onSend();
      begin?.();
      notes?.signal.addEventListener('abort', abort, { once: true });
      next(message);
    },
  });
};
