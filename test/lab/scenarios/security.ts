import type { Scenario } from '../scenario.js';
import { clientsRefuse } from '../faults/security/truths.js';

const family = 'security';
const ofClients = { side: 'client', restart: false } as const;

export const securityScenarios: readonly Scenario[] = [
  {
    id: 'cert-expired-peer',
    title: 'A follower with an expired peer certificate was restarted and cannot come back',
    family,
    faults: [{ fault: 'cert-expired' }],
    quick: true,
  },
  {
    id: 'cert-expired-peer-leader',
    title: 'The leader with an expired peer certificate was restarted and cannot come back',
    family,
    faults: [{ fault: 'cert-expired', on: 'leader' }],
  },
  {
    id: 'cert-expired-connected',
    title: 'The peer certificates of all members have expired; the connections from before still hold',
    family,
    faults: [{ fault: 'cert-expired', on: 'all', params: { restart: false } }],
    truth: { causes: ['cert-expired'], verdict: ['intervene-now'] },
  },
  {
    id: 'cert-expired-client',
    title: 'The certificate that a follower shows to clients has expired',
    family,
    faults: [{ fault: 'cert-expired', params: ofClients }],
    truth: { ...clientsRefuse('cert-expired'), verdict: ['intervene-now', 'investigate'] },
  },
  {
    id: 'cert-not-yet-valid-peer',
    title: 'A follower was restarted with a peer certificate that begins tomorrow',
    family,
    faults: [{ fault: 'cert-not-yet-valid' }],
  },
  {
    id: 'cert-expiring-in-days',
    title: 'The peer certificate of a follower ends in five days',
    family,
    faults: [{ fault: 'cert-expiring-soon' }],
  },
  {
    id: 'cert-expiring-in-hours',
    title: 'The certificates that all members show to clients end in eight hours',
    family,
    faults: [{ fault: 'cert-expiring-soon', on: 'all', params: { side: 'client', days: 0.34 } }],
    truth: {
      causes: ['cert-expiring-soon'],
      // Below a day it cannot wait for the morning (severity critical in the catalogue).
      verdict: ['intervene-now', 'investigate'],
    },
  },
  {
    id: 'cert-wrong-san-peer',
    title: 'A follower was restarted with a peer certificate for another address',
    family,
    faults: [{ fault: 'cert-wrong-san' }],
  },
  {
    id: 'cert-wrong-san-client',
    title: 'The certificate that a follower shows to clients is for another address',
    family,
    faults: [{ fault: 'cert-wrong-san', params: ofClients }],
    truth: clientsRefuse('tls-san-mismatch'),
  },
  {
    id: 'cert-wrong-ca-peer',
    title: 'A follower was restarted with a peer certificate of another authority',
    family,
    faults: [{ fault: 'cert-wrong-ca' }],
  },
  {
    id: 'cert-wrong-ca-client',
    title: 'The certificate that a follower shows to clients is of another authority',
    family,
    faults: [{ fault: 'cert-wrong-ca', params: ofClients }],
    truth: clientsRefuse('tls-untrusted-ca-or-client-cert'),
  },
  {
    id: 'cert-not-for-calling-peers',
    title: 'The peer certificate of a follower is good for servers only',
    family,
    faults: [{ fault: 'cert-missing-usage', params: { usage: 'serverAuth' } }],
  },
  {
    id: 'cert-not-for-serving-peers',
    title: 'The peer certificate of a follower is good for clients only',
    family,
    faults: [{ fault: 'cert-missing-usage', params: { usage: 'clientAuth' } }],
  },
  {
    id: 'cert-not-for-serving-clients',
    title: 'The certificate that a follower shows to clients is good for clients only',
    family,
    faults: [{ fault: 'cert-missing-usage', params: { ...ofClients, usage: 'clientAuth' } }],
    truth: clientsRefuse('tls-untrusted-ca-or-client-cert'),
  },
  {
    id: 'cert-not-for-own-gateway',
    title:
      'The server certificates of all members lack client authentication, so that only their own gateways are refused',
    family,
    faults: [{ fault: 'cert-missing-usage', on: 'all', params: { side: 'client', usage: 'serverAuth' } }],
    truth: {
      causes: [],
      // Many clusters live with it: nobody uses the gateway, and the log has some lines.
      verdict: ['healthy'],
      also: { 'tls-untrusted-ca-or-client-cert': 'the gateway of each member is refused by the member itself' },
    },
  },
  {
    id: 'trusted-ca-replaced-peer',
    title: 'A follower trusts only the new authority while the peers still have certificates of the old one',
    family,
    faults: [{ fault: 'trusted-ca-replaced' }],
  },
  {
    id: 'trusted-ca-replaced-client',
    title: 'A follower trusts only clients of the new authority, and no client has such a certificate yet',
    family,
    faults: [{ fault: 'trusted-ca-replaced', params: { side: 'client' } }],
    truth: clientsRefuse('tls-untrusted-ca-or-client-cert'),
  },
  {
    id: 'user-with-wrong-ca',
    title: 'A healthy cluster; the operator has the CA file of another one',
    family,
    faults: [{ fault: 'user-credentials', params: { what: 'ca' } }],
  },
  {
    id: 'user-with-expired-certificate',
    title: 'A healthy cluster; the client certificate of the operator has expired',
    family,
    faults: [{ fault: 'user-credentials', params: { what: 'expired' } }],
  },
  {
    id: 'user-of-other-authority',
    title: 'A healthy cluster; the client certificate of the operator is of another authority',
    family,
    faults: [{ fault: 'user-credentials', params: { what: 'authority' } }],
  },
  {
    id: 'peer-port-without-tls',
    title: 'A follower was restarted with an http peer listener in a cluster of https',
    family,
    cluster: { tls: 'mtls' },
    faults: [{ fault: 'scheme-mismatch' }],
  },
  {
    id: 'peer-port-with-tls',
    title: 'A follower was restarted with an https peer listener in a cluster of http',
    family,
    faults: [{ fault: 'scheme-mismatch' }],
    truth: {
      causes: ['tls-scheme-mismatch'],
      verdict: ['investigate'],
      also: { 'peer-port-blocked-asymmetric': 'nobody can dial the member, which dials the others' },
      fromOneNode: {
        causes: ['tls-scheme-mismatch', 'peer-port-blocked-asymmetric'],
        verdict: ['investigate'],
        missing: 'who asks in plain text gets an end of file; that a port speaks TLS is in the flags on its own node',
      },
    },
  },
  {
    id: 'client-port-without-tls',
    title: 'A follower was restarted with an http client listener in a cluster of https',
    family,
    cluster: { tls: 'mtls' },
    faults: [{ fault: 'scheme-mismatch', params: { side: 'client' } }],
  },
  {
    id: 'client-port-with-tls',
    title: 'A follower was restarted with an https client listener in a cluster of http',
    family,
    faults: [{ fault: 'scheme-mismatch', params: { side: 'client' } }],
  },
  {
    id: 'auth-tokens-forgotten',
    title: 'A follower was restarted, and a client goes on with the token from before',
    family,
    faults: [{ fault: 'auth-token-trouble' }],
  },
  {
    id: 'auth-tokens-run-out',
    title: 'Tokens live for five seconds, and an application uses them after longer pauses',
    family,
    cluster: { flags: ['--auth-token-ttl=5'] },
    faults: [{ fault: 'auth-token-trouble', params: { how: 'idle' } }],
    // The tokens of all other clients run out as fast.
    truth: { causes: ['auth-token-failures'], verdict: ['investigate'], subject: 'any' },
  },
  {
    id: 'auth-wrong-password',
    title: 'An application logs in with an old password, without end',
    family,
    // A check of a password takes a core for some 60 ms: more than a few a second are a fault of another kind.
    faults: [{ fault: 'auth-token-trouble', params: { how: 'password', perSecond: 4 } }],
    alone: true,
    truth: {
      causes: ['auth-token-failures'],
      verdict: ['investigate'],
      also: { 'cpu-starvation-host': 'every check of a password takes a core for some 60 ms' },
    },
  },
  {
    id: 'auth-jwt-keys-differ',
    title: 'A follower was restarted with other keys for JWT than the rest',
    family,
    faults: [{ fault: 'jwt-keys-differ' }],
  },
];
