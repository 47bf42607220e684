import rule from '../../../../analyzer/rules/security/auth-token-failures.js';
import type { LeaderState, Requests, Scrapes } from '../../../../analyzer/facts/values/member.js';
import { counter, gauge, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability, scrapes } from '../integrity/fakes.js';

const at = (
  revision: number | readonly [number, number],
  hasLeader = 1,
): { scrapes: Scrapes; leaderState: LeaderState } => ({
  scrapes: scrapes({ etcd_debugging_auth_revision: revision }),
  leaderState: {
    hasLeader: gauge(hasLeader, hasLeader),
    isLeader: null,
    isLearner: null,
    learnerPromoteFailures: null,
  },
});
const requests = (unauthenticated: number): Requests => ({
  byMethod: [],
  total: counter(100),
  errors: counter(0),
  errorShare: 0,
  errorShareBasis: 'window',
  byCode: { Unauthenticated: counter(unauthenticated) },
  clients: [],
  streamMessages: [],
});

ruleTest(rule, {
  pass: [
    { name: 'equal revisions', member: { m1: at(5), m2: at(5), m3: at(5) } },
    { name: 'roles are being changed', member: { m1: at([5, 7]), m2: at([5, 6]), m3: at(7) } },
    { name: 'look-alike: a member cut off from the leader', member: { m1: at(5), m2: at(5), m3: at(4, 0) } },
    {
      name: 'a few refusals, as this collection causes',
      member: {
        m1: { ...at(5), log: log({ 'auth-invalid-token': { inWindow: 6 } }), requests: requests(4) },
        m2: at(5),
        m3: at(5),
      },
    },
  ],
  fail: [
    {
      name: 'logins with a wrong password, which etcd does not log',
      member: {
        m1: {
          ...at(5),
          requests: {
            ...requests(0),
            byMethod: [
              {
                service: 'etcdserverpb.Auth',
                method: 'Authenticate',
                code: 'InvalidArgument',
                type: 'unary',
                counter: counter(200),
              },
            ],
          },
        },
        m2: at(5),
        m3: at(5),
      },
      message: 'rate',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'one member has other users',
      member: { m1: at(5), m2: at(5), m3: at(4) },
      message: 'diverged',
      severity: 'high',
      subjects: ['m3'],
      confidence: 'high',
    },
    {
      name: 'a client in a loop, by the log',
      member: { m1: { ...at(5), log: log({ 'auth-invalid-token': { inWindow: 400 } }) }, m2: at(5), m3: at(5) },
      message: 'rate',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'a client in a loop, by the metrics',
      member: { m1: { ...at(5), requests: requests(400) }, m2: at(5), m3: at(5) },
      message: 'rate',
      subjects: ['m1'],
    },
    {
      name: 'our own login was refused',
      member: { m1: { ...at(5), reachability: reachability(true, { 'auth-failed': 2 }) }, m2: at(5), m3: at(5) },
      message: 'ours',
      role: 'notice',
      subjects: ['cluster'],
    },
  ],
  inconclusive: [{ name: 'nothing read' }],
  notApplicable: [{ name: 'no users at all', member: { m1: at(1), m2: at(1), m3: at(1) } }],
});
