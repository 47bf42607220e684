import rule from '../../../../analyzer/rules/lifecycle/removed-member-still-running.js';
import { logAt, membership, reachability } from '../../../support/consensus-facts.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';

const GONE = '00000000000000f9';
const rejects = (at: readonly number[], id = GONE) =>
  logAt({ 'stream-rejected-removed': { at, fields: { 'remote-peer-id-from': { [id]: at.length } } } });

ruleTest(rule, {
  pass: [
    { name: 'nobody was removed', cluster: { membership: membership(3) }, member: { m1: { log: log() } } },
    {
      name: 'peers unknown for a moment after a start are members',
      cluster: { membership: membership(3) },
      member: {
        m1: {
          log: logAt({
            'remote-not-found': { at: [-20, -19], fields: { 'remote-peer-id-from': { [memberId(2)]: 2 } } },
          }),
        },
      },
    },
    {
      name: 'rejected once and listed again',
      cluster: { membership: membership(3) },
      member: { m1: { log: rejects([-200, -100], memberId(2)) } },
    },
    {
      name: 'a stranger of another cluster',
      members: [{ name: 'm1' }, { name: 'm2' }, { name: 'm3' }],
      cluster: { membership: membership(3, { strangers: [memberId(3)], clusterIds: { 3: '00000000000000dd' } }) },
    },
  ],
  fail: [
    {
      name: 'rejected in the window',
      cluster: { membership: membership(3) },
      member: { m1: { log: rejects([-5, 2, 7]) }, m2: { log: rejects([-5, 2, 7]) } },
      message: 'rejected',
      severity: 'warning',
      subjects: [GONE],
    },
    {
      name: 'came back twice before the window',
      cluster: { membership: membership(3) },
      member: { m1: { log: rejects([-310, -309.5, -10]) } },
      message: 'rejected',
      when: 'now',
    },
    {
      name: 'ran once after its removal',
      cluster: { membership: membership(3) },
      member: { m1: { log: rejects([-60, -59.9]) } },
      message: 'rejectedBefore',
      when: 'past',
    },
    {
      name: 'answers, and nobody lists it',
      members: [{ name: 'm1' }, { name: 'm2' }, { name: 'm3' }],
      cluster: { membership: membership(3, { strangers: [memberId(3)] }) },
      message: 'stranger',
      subjects: ['m3'],
    },
    {
      name: 'its own log, from a supervisor that starts it again',
      members: [{ name: 'm1' }, { name: 'm2' }, { name: 'gone' }],
      cluster: { membership: membership(2) },
      member: {
        gone: {
          log: logAt({ 'data-dir-must-be-removed': { at: [-120, -60, -5] } }),
          reachability: reachability('refused'),
        },
      },
      message: 'restarting',
      subjects: ['gone'],
    },
  ],
  inconclusive: [{ name: 'no member list' }],
});
