import { defineRule } from '../../rule.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageClaims } from '../evidence/damage.js';

const GROUPS = ['range-rev-pair-missing', 'put-smaller-revision'] as const;

export default defineRule({
  id: 'mvcc-index-inconsistency',
  title: 'Key index and database disagree',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'The member found its own data contradictory and ended itself; serving on would have meant wrong answers.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    down: '{subject} ended itself: its key index and its database disagree.',
    past: '{subject} ended itself over a contradiction between key index and database before the window; it serves again.',
  },
  basis: 'direct',
  urgent: true,
  remedy: rebuildMember,
  doNot: damagedDoNot,
  owner: 'operator',
  alternatives: [
    { rule: 'bbolt-corruption', why: 'The structure of the file would be broken, not its content.' },
    {
      rule: 'data-inconsistency-between-members',
      why: 'Each member would be consistent in itself, and hashes would differ between them.',
    },
  ],
  wouldDisprove: ['a memory test and a rebuilt member that meets the same message with the same requests'],
  nextEvidence: [
    { what: 'memory errors of the machine', command: 'sudo dmesg -T | grep -iE "edac|mce|memory error"' },
    { what: 'hashes of the other members', command: 'etcdctl endpoint hashkv --cluster -w table' },
  ],
  thresholds: [],
  evaluate: (ctx) =>
    damageClaims(ctx.want, ctx.window, GROUPS, { text: 'The log says that index and database disagree' }),
});
