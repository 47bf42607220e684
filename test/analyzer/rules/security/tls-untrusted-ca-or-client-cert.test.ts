import rule from '../../../../analyzer/rules/security/tls-untrusted-ca-or-client-cert.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { certificate, certificates, handshake, reachability, stats } from '../integrity/fakes.js';

const peerLine = `{"msg":"prober detected unhealthy status","remote-peer-id":"${memberId(3)}","error":"x509: certificate signed by unknown authority"}`;
const remoteLine = `{"msg":"prober detected unhealthy status","remote-peer-id":"${memberId(1)}","error":"remote error: tls: bad certificate"}`;
const clientLine =
  '{"msg":"rejected connection on client endpoint","remote-addr":"10.9.9.9:4711","error":"tls: client didn\'t provide a certificate"}';
const collectorLine =
  '{"msg":"rejected connection on client endpoint","remote-addr":"10.9.9.9:4711","error":"remote error: tls: unknown certificate authority"}';
const said = (id: string, line: string, inWindow: number, before = 0) =>
  log({ [id]: { inWindow, before, stats: [stats(id, [line])] } });
const shakes = (...list: Parameters<typeof handshake>[]) =>
  certificates(
    [],
    list.map(([n, more]) => handshake(n, more)),
  );
const wrong = { authorized: false, authorizationError: 'SELF_SIGNED_CERT_IN_CHAIN' } as const;

const plain = reachability(false);
const refusing = { reachability: { ...plain, kind: 'tls' as const, reasons: { 'tls-client-certificate': 9 } } };

ruleTest(rule, {
  pass: [
    {
      name: 'all verify',
      cluster: { certificates: shakes([1], [2], [3]) },
      member: { m1: { reachability: reachability(true) } },
    },
    {
      name: 'peer ports may have another authority',
      cluster: { certificates: shakes([1], [1, { role: 'peer', ...wrong }]) },
    },
    {
      name: 'look-alike: expired',
      cluster: { certificates: shakes([1], [2, { authorized: false, authorizationError: 'CERT_HAS_EXPIRED' }]) },
    },
    {
      name: 'this collection came with a wrong CA: the lines it caused',
      member: { m1: { log: said('tls-remote-bad-cert', collectorLine, 20), reachability: reachability(true) } },
    },
    {
      name: 'refused for a better reason that is known',
      cluster: { certificates: certificates([certificate({ daysLeft: -1, members: [3] })]) },
      member: { m3: { log: said('tls-remote-bad-cert', remoteLine, 90) } },
    },
    {
      name: 'a client without a certificate now, members that refused each other long ago',
      member: {
        m1: {
          log: log({
            'tls-no-client-cert': { inWindow: 8, stats: [stats('tls-no-client-cert', [clientLine])] },
            'x509-unknown-authority': { before: 60, stats: [stats('x509-unknown-authority', [peerLine])] },
          }),
        },
      },
    },
    { name: 'a scanner without a certificate', member: { m1: { log: said('tls-no-client-cert', clientLine, 5) } } },
  ],
  fail: [
    {
      name: 'peers refuse one member',
      member: {
        m1: { log: said('x509-unknown-authority', peerLine, 60) },
        m2: { log: said('x509-unknown-authority', peerLine, 60) },
      },
      message: 'peers',
      severity: 'high',
      subjects: ['m3'],
      confidence: 'high',
    },
    {
      name: 'one refuses all others, who accept each other',
      member: {
        m1: {
          log: log({
            'x509-unknown-authority': {
              inWindow: 60,
              stats: [stats('x509-unknown-authority', [peerLine, peerLine.replace(memberId(3), memberId(2))])],
            },
          }),
        },
        m2: { log: log() },
        m3: { log: log() },
      },
      message: 'loner',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: 'one refuses our certificate, the others accept it',
      member: { m1: refusing, m2: { reachability: reachability(true) } },
      message: 'refuser',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: 'only the refused one was read',
      member: { m3: { log: said('tls-remote-bad-cert', remoteLine, 90) } },
      message: 'refused',
      subjects: ['m3'],
      confidence: 'medium',
    },
    {
      name: 'one client port of three',
      cluster: { certificates: shakes([1], [2, wrong], [3]) },
      message: 'odd',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'the CA of this collection fits nobody',
      cluster: { certificates: shakes([1, wrong], [2, wrong], [3, wrong]) },
      member: {
        m1: { reachability: reachability(false, { 'tls-untrusted': 5 }) },
        m2: { reachability: reachability(false, { 'tls-untrusted': 5 }) },
        m3: { reachability: reachability(false, { 'tls-untrusted': 5 }) },
      },
      message: 'vantage',
      role: 'notice',
    },
    {
      name: 'clients',
      member: { m1: { log: said('tls-no-client-cert', clientLine, 500) } },
      message: 'clients',
      role: 'notice',
    },
    {
      name: 'it was, and is over',
      member: { m1: { log: said('x509-unknown-authority', peerLine, 0, 60) } },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'nothing read' }],
});
