import rule from '../../../../analyzer/rules/security/tls-san-mismatch.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { certificates, handshake, membership, reachability, stats } from '../integrity/fakes.js';

const peerLine = `{"msg":"prober detected unhealthy status","remote-peer-id":"${memberId(3)}","error":"x509: certificate is valid for 10.77.0.99, not 10.0.0.3"}`;
const clientLine =
  '{"msg":"rejected connection on client endpoint","remote-addr":"10.9.9.9:4711","error":"tls: \\"10.9.9.9\\" does not match any of DNSNames"}';
const said = (line: string, inWindow: number, before = 0) =>
  log({ 'x509-san': { inWindow, before, stats: [stats('x509-san', [line])] } });
const shakes = (...list: Parameters<typeof handshake>[]) => ({
  certificates: certificates(
    [],
    list.map(([n, more]) => handshake(n, more)),
  ),
});

ruleTest(rule, {
  pass: [
    { name: 'names fit', cluster: shakes([1], [2], [3]) },
    {
      name: 'a road of its own: the dialled address is not advertised',
      cluster: shakes([1, { endpoint: 'localhost:12379', nameMatches: false }]),
    },
    { name: 'names hidden', cluster: shakes([1, { nameMatches: null }]) },
    {
      name: 'look-alike: expired',
      cluster: shakes([1]),
      member: { m1: { log: log({ 'x509-expired': { inWindow: 90 } }) } },
    },
    { name: 'single lines', cluster: shakes([1]), member: { m1: { log: said(peerLine, 1) } } },
  ],
  fail: [
    {
      name: 'peers refuse one member',
      member: { m1: { log: said(peerLine, 60) }, m2: { log: said(peerLine, 60) } },
      message: 'peers',
      severity: 'high',
      role: 'cause',
      subjects: ['m3'],
      confidence: 'high',
    },
    {
      name: 'an advertised client address is missing: a risk',
      cluster: shakes([1, { nameMatches: false }]),
      member: { m1: { reachability: reachability(true) } },
      message: 'clientPort',
      role: 'risk',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'and it broke the reads of this collection: a cause',
      cluster: shakes([1, { nameMatches: false }]),
      member: { m1: { reachability: reachability(false, { 'tls-name-mismatch': 8 }) } },
      message: 'clientPort',
      role: 'cause',
      severity: 'high',
    },
    {
      name: 'an advertised peer address is missing',
      cluster: shakes([2, { role: 'peer', nameMatches: false }]),
      message: 'peerPort',
      role: 'risk',
      subjects: ['m2'],
    },
    {
      name: 'clients',
      member: { m1: { log: said(clientLine, 60) } },
      message: 'clients',
      severity: 'warning',
      subjects: ['m1'],
    },
    { name: 'it was, and is over', member: { m1: { log: said(peerLine, 0, 60) } }, message: 'past', when: 'past' },
  ],
  inconclusive: [{ name: 'nothing read' }],
  notApplicable: [{ name: 'plain text', cluster: { membership: membership() } }],
});
