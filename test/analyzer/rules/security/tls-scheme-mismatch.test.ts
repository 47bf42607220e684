import rule from '../../../../analyzer/rules/security/tls-scheme-mismatch.js';
import { config } from '../network/links.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { certificates, handshake, membership, reachability, stats } from '../integrity/fakes.js';

const peerLine = `{"msg":"prober detected unhealthy status","remote-peer-id":"${memberId(2)}","error":"http: server gave HTTP response to HTTPS client"}`;
const clientLine =
  '{"msg":"rejected connection on client endpoint","remote-addr":"10.9.9.9:4711","error":"tls: first record does not look like a TLS handshake"}';
const said = (id: string, line: string, inWindow: number, before = 0) =>
  log({ [id]: { inWindow, before, stats: [stats(id, [line])] } });
const refused = { reachability: reachability(false, { 'tls-protocol': 4 }) };

ruleTest(rule, {
  pass: [
    {
      name: 'one scheme',
      cluster: { membership: membership() },
      member: { m1: { log: log(), reachability: reachability(true) } },
    },
    { name: 'one stray client', member: { m1: { log: said('tls-first-record', clientLine, 2) } } },
    {
      name: 'look-alike: a refused certificate',
      member: { m1: { log: log({ 'x509-unknown-authority': { inWindow: 50 } }) } },
    },
  ],
  fail: [
    {
      name: 'a listener of another protocol than the list says',
      cluster: {
        membership: membership({ peerScheme: ['http', 'http', 'http'] }),
        config: config({}, { 2: { 'listen-peer-urls': 'https://10.0.0.2:2380' } }),
      },
      message: 'listens',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'one member of three does not speak our TLS',
      member: { m1: refused, m2: { reachability: reachability(true) } },
      message: 'port',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: 'a peer speaks plain text',
      cluster: { membership: membership({ peerScheme: ['https', 'http', 'https'] }) },
      member: { m1: { log: said('http-to-https', peerLine, 50) } },
      message: 'peers',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'URLs are mixed',
      cluster: { membership: membership({ peerScheme: ['https', 'http', 'https'] }) },
      message: 'urls',
      role: 'risk',
      severity: 'warning',
    },
    {
      name: 'certificate files that are ignored',
      member: { m1: { log: log({ 'https-scheme-ignored': { before: 1 } }) } },
      message: 'ignored',
      role: 'risk',
      subjects: ['m1'],
    },
    {
      name: 'https given for a plain cluster',
      member: { m1: refused, m2: refused, m3: refused },
      message: 'vantage',
      role: 'notice',
    },
    {
      name: 'ports that end the connection at the greeting',
      cluster: {
        certificates: certificates(
          [],
          [1, 2, 3].map((n) =>
            handshake(n, { ok: false, authorized: null, fingerprint: null, error: 'ECONNRESET disconnected' }),
          ),
        ),
      },
      member: {
        m1: { reachability: reachability(false) },
        m2: { reachability: reachability(false) },
        m3: { reachability: reachability(false) },
      },
      message: 'vantage',
      role: 'notice',
    },
    {
      name: 'clients in numbers',
      member: { m1: { log: said('tls-first-record', clientLine, 500) } },
      message: 'clients',
      role: 'notice',
    },
    {
      name: 'it was, and is over',
      member: { m1: { log: said('http-to-https', peerLine, 0, 50) } },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'nothing read' }],
});
