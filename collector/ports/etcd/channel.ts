import * as grpc from '@grpc/grpc-js';
import { noop } from 'cockatiel';
import { Etcd3 } from 'etcd3';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { TlsMaterial } from '../tls.js';
import { readOnlyInterceptor } from './read-list.js';

/** Answers are small; the default of 4 MiB is raised for very long alarm or member lists. */
const MAX_RECEIVE_BYTES = 32 * 1024 * 1024;

/** One connection to one endpoint, used by etcd3 and by the own descriptor alike; both behind the read list. */
export interface EtcdChannel {
  readonly etcd3: Etcd3;
  readonly own: grpc.Client;
  /** Milliseconds from the first attempt to a ready HTTP/2 connection; undefined while there has been none. */
  readonly connectMs: () => number | undefined;
  readonly isReady: () => boolean;
  /** Starts to connect; resolves true when ready, false at the first failure or at the deadline (ms since epoch). */
  readonly waitReady: (deadline: number) => Promise<boolean>;
  readonly close: () => void;
}

/** Opens lazily: the first call connects. `endpoint` is `host:port`. */
export const openChannel = (endpoint: string, tls: boolean, material: TlsMaterial): EtcdChannel => {
  const credentials = tls ? secureCredentials(material) : grpc.credentials.createInsecure();
  const options: grpc.ClientOptions = {
    'grpc.enable_http_proxy': 0,
    'grpc.enable_retries': 0,
    'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
    // A member that comes back is seen in the next round, not after the default of up to two minutes.
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.use_local_subchannel_pool': 1,
    ...(tls && material.serverName !== undefined && isIP(material.serverName) === 0
      ? { 'grpc.ssl_target_name_override': material.serverName }
      : {}),
  };
  const channel = new grpc.Channel(endpoint, credentials, options);
  let startedAt: number | undefined;
  let connectMs: number | undefined;
  const guarded = { channelOverride: shared(channel), interceptors: [readOnlyInterceptor] };
  const watch = () => {
    const state = channel.getConnectivityState(false);
    if (state === grpc.connectivityState.CONNECTING) startedAt ??= performance.now();
    if (state === grpc.connectivityState.READY) connectMs ??= performance.now() - (startedAt ?? performance.now());
    else if (state !== grpc.connectivityState.SHUTDOWN) {
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, (error) => {
        if (error === undefined) watch();
      });
    }
  };
  watch();
  return {
    // etcd3's own retries and circuit breaker would hide what an endpoint says.
    etcd3: new Etcd3({ hosts: endpoint, grpcOptions: guarded, faultHandling: { host: () => noop, global: noop } }),
    own: new grpc.Client(endpoint, credentials, guarded),
    connectMs: () => connectMs,
    waitReady: (deadline) => waitReady(channel, deadline),
    isReady: () => channel.getConnectivityState(false) === grpc.connectivityState.READY,
    close: () => channel.close(),
  };
};

/** Resolves true when ready, false at the first failure to connect or at the deadline. */
const waitReady = (channel: grpc.Channel, deadline: number): Promise<boolean> =>
  new Promise((resolve) => {
    const step = () => {
      const state = channel.getConnectivityState(true);
      if (state === grpc.connectivityState.READY) return resolve(true);
      if (state === grpc.connectivityState.TRANSIENT_FAILURE || state === grpc.connectivityState.SHUTDOWN)
        return resolve(false);
      channel.watchConnectivityState(state, deadline, (error) => (error === undefined ? step() : resolve(false)));
    };
    step();
  });

const secureCredentials = (material: TlsMaterial): grpc.ChannelCredentials => {
  const { serverName } = material;
  return grpc.credentials.createSsl(material.ca ?? null, material.key ?? null, material.cert ?? null, {
    rejectUnauthorized: !material.insecureSkipTlsVerify,
    ...(serverName === undefined
      ? {}
      : { checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate) }),
  });
};

/** etcd3 closes its channel after every failed call; the shared one stays open until the port closes. */
const shared = (channel: grpc.Channel): grpc.ChannelInterface => ({
  close: () => undefined,
  getTarget: () => channel.getTarget(),
  // etcd3 asks only to delay its close by a timer.
  getConnectivityState: () => grpc.connectivityState.READY,
  watchConnectivityState: (state, deadline, callback) => channel.watchConnectivityState(state, deadline, callback),
  getChannelzRef: () => channel.getChannelzRef(),
  createCall: (method, deadline, host, parentCall, flags) =>
    channel.createCall(method, deadline, host, parentCall, flags),
});
