import rule from '../../../../analyzer/rules/security/cert-expired.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { certificate, certificates, membership, stats } from '../integrity/fakes.js';

const peerLine = `{"msg":"prober detected unhealthy status","remote-peer-id":"${memberId(3)}","error":"x509: certificate has expired or is not yet valid: current time"}`;
const clientLine =
  '{"msg":"rejected connection on client endpoint","remote-addr":"10.9.9.9:4711","error":"x509: certificate has expired"}';
const addressLine =
  '{"msg":"rejected connection on peer endpoint","remote-addr":"10.0.0.2:4711","error":"x509: certificate has expired"}';
const said = (line: string, inWindow: number, before = 0) =>
  log({ 'x509-expired': { inWindow, before, stats: [stats('x509-expired', [line])] } });

ruleTest(rule, {
  pass: [
    {
      name: 'valid certificates',
      cluster: {
        certificates: certificates([certificate({ daysLeft: 90 }), certificate({ daysLeft: 2, lifetime: 5 })]),
      },
    },
    {
      name: 'an old authority next to its successor',
      cluster: {
        certificates: certificates([
          certificate({ daysLeft: 90 }),
          certificate({ daysLeft: -10, subject: 'CN=ca', caFile: true }),
          certificate({ daysLeft: 900, lifetime: 2000, subject: 'CN=ca', caFile: true }),
        ]),
      },
    },
    {
      name: 'an old authority that issued nothing in use',
      cluster: {
        certificates: certificates([
          certificate({ daysLeft: 90 }),
          certificate({ daysLeft: -10, subject: 'CN=older', caFile: true }),
        ]),
      },
    },
    { name: 'a single line of a stranger', member: { m1: { log: said(clientLine, 1) } } },
    {
      name: 'look-alike: an unknown issuer',
      member: { m1: { log: log({ 'x509-unknown-authority': { inWindow: 99 } }) } },
    },
  ],
  fail: [
    {
      name: 'peer certificate of one member',
      cluster: { certificates: certificates([certificate({ daysLeft: -0.1, members: [3] })]) },
      message: 'expired',
      severity: 'critical',
      confidence: 'high',
      subjects: ['m3'],
    },
    {
      name: 'authority without a successor',
      cluster: {
        certificates: certificates([
          certificate({ daysLeft: 90 }),
          certificate({ daysLeft: -1, subject: 'CN=ca', caFile: true, members: [1, 2, 3] }),
        ]),
      },
      message: 'expired',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: 'not yet valid',
      cluster: { certificates: certificates([certificate({ daysLeft: 30, lifetime: 29, members: [2] })]) },
      message: 'notYet',
      subjects: ['m2'],
    },
    {
      name: 'only logs: the peer is named by its id',
      member: { m1: { log: said(peerLine, 40) }, m2: { log: said(peerLine, 40) } },
      message: 'peers',
      severity: 'critical',
      subjects: ['m3'],
      confidence: 'high',
    },
    {
      name: 'only logs: the peer is named by its address',
      member: { m1: { log: said(addressLine, 40) } },
      message: 'peers',
      subjects: ['m2'],
    },
    {
      name: 'clients',
      member: { m1: { log: said(clientLine, 40) } },
      message: 'clients',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'it was, and is over',
      cluster: { certificates: certificates([certificate({ daysLeft: 90 })]) },
      member: { m1: { log: said(peerLine, 0, 50) } },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'nothing read' }],
  notApplicable: [{ name: 'plain text', cluster: { membership: membership() } }],
});
