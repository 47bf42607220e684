import { type StatusObject, status } from '@grpc/grpc-js';
import { ProbeError, type ReasonCode } from '../../probe.js';

type FailureState = ConstructorParameters<typeof ProbeError>[0];
type Verdict = readonly [FailureState, ReasonCode];

/** Texts that name the fault whatever the code: the first match wins. Sources: node errno names, OpenSSL reasons, etcd's rpctypes. */
const TEXTS: readonly (readonly [RegExp, FailureState, ReasonCode])[] = [
  [/ECONNREFUSED/, 'unreachable', 'connection-refused'],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL/, 'unreachable', 'no-route'],
  [/ENOTFOUND|EAI_|Name resolution failed|queryA/i, 'unreachable', 'name-not-resolved'],
  [/ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/, 'unreachable', 'tls-name-mismatch'],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|certificate has expired|certificate is not yet valid/,
    'unreachable',
    'tls-expired',
  ],
  [
    /SELF_SIGNED|self[- ]signed|UNABLE_TO_(GET_ISSUER|VERIFY)|unable to (get|verify)|CERT_(UNTRUSTED|SIGNATURE_FAILURE|CHAIN|REVOKED)|certificate signature failure/i,
    'unreachable',
    'tls-untrusted',
  ],
  [
    /alert (bad certificate|certificate required|unknown ca|certificate unknown|certificate expired|handshake failure|unsupported certificate|access denied)|SSL alert number (40|42|43|44|45|46|48|49|116)\b/i,
    'denied',
    'tls-client-certificate',
  ],
  [
    /wrong version number|packet length too long|unsupported protocol|protocol version|no protocols available|EPROTO|SSL routines|ERR_SSL/i,
    'unreachable',
    'tls-protocol',
  ],
  [/ECONNRESET|EPIPE|socket hang up|Connection dropped/, 'unreachable', 'connection-reset'],
  [/ETIMEDOUT/, 'unreachable', 'connection-timeout'],
  [/rpc not supported for learner/, 'unsupported', 'not-for-learner'],
  [/authentication failed/, 'denied', 'auth-failed'],
  [/user name is empty|invalid auth token/, 'denied', 'auth-required'],
  [/permission denied/, 'denied', 'permission-denied'],
  [/no leader|leader changed|request timed out|not capable/i, 'timeout', 'no-quorum'],
];

const CODES: Partial<Record<status, Verdict>> = {
  [status.UNIMPLEMENTED]: ['unsupported', 'not-supported-by-server'],
  [status.UNAUTHENTICATED]: ['denied', 'auth-required'],
  [status.PERMISSION_DENIED]: ['denied', 'permission-denied'],
  [status.RESOURCE_EXHAUSTED]: ['failed', 'too-large'],
};

/** Reason for an error text of node, OpenSSL or etcd; undefined when the text says nothing known. */
export const reasonOfText = (text: string): Verdict | undefined => {
  const hit = TEXTS.find(([pattern]) => pattern.test(text));
  return hit === undefined ? undefined : [hit[1], hit[2]];
};

/** What makes a deadline mean something else than a dead server. */
export interface DeadlineMeaning {
  /** The RPC waits for the quorum: a server that accepted it and is silent has none. */
  readonly needsQuorum: boolean;
  /** The RPC may be long work (a hash of the whole store): silence is not death. */
  readonly longWork: boolean;
}

/**
 * A gRPC status as ProbeError. The two silent cases differ in the details text of grpc-js: `Waiting for LB pick` when
 * HTTP/2 never came up, `remote_addr=` when the server had answered on the connection before.
 */
export const fromStatus = (received: StatusObject, rpc: string, meaning: DeadlineMeaning): ProbeError => {
  const name = status[received.code] ?? String(received.code);
  const details = clean(received.details);
  const make = ([state, reason]: Verdict) =>
    new ProbeError(state, reason, `${rpc}: ${name}: ${details}`, { grpcStatus: name });
  if (received.code === status.CANCELLED) return make(['timeout', 'item-timeout']);
  if (received.code === status.DEADLINE_EXCEEDED && details.startsWith('Deadline exceeded')) {
    if (!details.includes('remote_addr=')) return make(['timeout', 'not-answering']);
    if (meaning.needsQuorum) return make(['timeout', 'no-quorum']);
    return make(['timeout', meaning.longWork ? 'item-timeout' : 'stopped-answering']);
  }
  const known = reasonOfText(details) ?? CODES[received.code];
  if (known !== undefined) return make(known);
  if (received.code === status.UNAVAILABLE) return make(['unreachable', 'connection-reset']);
  if (received.code === status.DEADLINE_EXCEEDED)
    return make(['timeout', meaning.needsQuorum ? 'no-quorum' : 'stopped-answering']);
  return make(['failed', 'unexpected']);
};

/** Whether an UNAVAILABLE text leaves the fault open, so that a look below gRPC is worth it. */
export const isVague = (received: StatusObject): boolean =>
  received.code === status.UNAVAILABLE &&
  (reasonOfText(received.details)?.[1] ?? 'connection-reset') === 'connection-reset';

/** One line without URL userinfo and of bounded length. Tokens and passwords are never part of a status text. */
export const clean = (text: string): string =>
  text
    .replace(/\/\/[^/@\s]*@/g, '//')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 600);
