import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import { clean, fromStatus } from '../../../../collector/ports/etcd/errors.js';

const plain = { needsQuorum: false, longWork: false };
const quorum = { needsQuorum: true, longWork: false };

const cases: readonly (readonly [status, string, typeof plain, string])[] = [
  [
    status.UNAVAILABLE,
    'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1',
    plain,
    'unreachable connection-refused',
  ],
  [status.UNAVAILABLE, 'Last error: connect EHOSTUNREACH 10.0.0.1:2379', plain, 'unreachable no-route'],
  // An IPv6 address from a host that has none.
  [status.UNAVAILABLE, 'Last error: connect EADDRNOTAVAIL 2001:db8::3:2379', plain, 'unreachable no-route'],
  [
    status.UNAVAILABLE,
    'Name resolution failed for target dns:nowhere.invalid:2379',
    plain,
    'unreachable name-not-resolved',
  ],
  [
    status.UNAVAILABLE,
    'Last error: Error: self-signed certificate in certificate chain',
    plain,
    'unreachable tls-untrusted',
  ],
  [
    status.UNAVAILABLE,
    "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1",
    plain,
    'unreachable tls-name-mismatch',
  ],
  [status.UNAVAILABLE, 'Last error: Error: certificate has expired', plain, 'unreachable tls-expired'],
  [
    status.UNAVAILABLE,
    'SSL routines:ssl3_read_bytes:tlsv13 alert certificate required: SSL alert number 116',
    plain,
    'denied tls-client-certificate',
  ],
  [status.UNAVAILABLE, 'SSL routines:ssl3_get_record:wrong version number', plain, 'unreachable tls-protocol'],
  [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 2.000s,Waiting for LB pick', plain, 'timeout not-answering'],
  [
    status.DEADLINE_EXCEEDED,
    'Deadline exceeded after 2.000s,LB pick: 0.001s,remote_addr=127.0.0.1:1',
    plain,
    'timeout stopped-answering',
  ],
  [
    status.DEADLINE_EXCEEDED,
    'Deadline exceeded after 2.000s,LB pick: 0.001s,remote_addr=127.0.0.1:1',
    quorum,
    'timeout no-quorum',
  ],
  [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 2.000s,Waiting for LB pick', quorum, 'timeout not-answering'],
  [status.UNAVAILABLE, 'etcdserver: no leader', plain, 'timeout no-quorum'],
  [status.UNAVAILABLE, 'etcdserver: request timed out', quorum, 'timeout no-quorum'],
  [status.UNAVAILABLE, 'etcdserver: rpc not supported for learner', plain, 'unsupported not-for-learner'],
  [status.INVALID_ARGUMENT, 'etcdserver: user name is empty', plain, 'denied auth-required'],
  [
    status.INVALID_ARGUMENT,
    'etcdserver: authentication failed, invalid user ID or password',
    plain,
    'denied auth-failed',
  ],
  [status.UNKNOWN, 'auth: permission denied', plain, 'denied permission-denied'],
  [status.UNIMPLEMENTED, 'unknown method HashKV', plain, 'unsupported not-supported-by-server'],
  [status.DATA_LOSS, 'etcdserver: corrupt cluster', plain, 'failed unexpected'],
];

for (const [code, details, meaning, expected] of cases) {
  test(`${status[code]} "${details}" is ${expected}`, () => {
    const error = fromStatus({ code, details, metadata: new Metadata() }, 'Service/Rpc', meaning);
    assert.equal(`${error.state} ${error.reason}`, expected);
    assert.equal(error.detail.grpcStatus, status[code]);
    assert.ok(error.message.includes(details), 'the details are kept');
  });
}

test('userinfo of URLs is dropped from texts', () => {
  assert.equal(clean('dial http://root:secret@10.0.0.1:2379\nfailed'), 'dial http://10.0.0.1:2379 failed');
});
