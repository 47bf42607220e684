import { contradicting, defineRule, necessary, supporting } from '../../rule.js';
import { damageClaims } from '../evidence/damage.js';
import { isAffected } from '../evidence/etcd-version.js';
import { linesOf } from '../evidence/log-lines.js';

const REFUSED = ['v2store-illegal', 'v2store-disallowed', 'v2-wal-disallowed'] as const;

export default defineRule({
  id: 'v2store-content-blocks-36',
  title: 'Custom v2 data blocks the start of 3.6',
  category: 'version',
  role: 'cause',
  scope: 'member',
  why: 'From 3.6 a server refuses to start on a data dir that still holds keys written through the v2 API.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'versions', 'config'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    down: '{subject} refuses to start: its old store holds keys of the v2 API.',
    past: 'A start of {subject} was refused over keys of the v2 API before the window; it serves again.',
    content: 'The old store of {subject} holds keys of the v2 API: 3.6 will refuse to start on it.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Look what the v2 keys are and who still uses them',
      tag: 'read-only',
      command: 'etcdutl check v2store --data-dir <copy of the data dir>',
    },
    {
      text: 'On 3.5: move or delete the v2 keys, then let the members write a new raft snapshot',
      tag: 'brief-interruption',
    },
    { text: 'When the new binary refuses: put the newest 3.5 back on this member', tag: 'restarts' },
    {
      text: 'Check again, then upgrade',
      tag: 'read-only',
      command: 'etcdutl check v2store --data-dir <copy of the data dir>',
    },
  ],
  doNot: ['delete files of the data dir to get the new version started', 'go on with the other members'],
  owner: 'operator',
  alternatives: [
    { rule: 'upgrade-36-membership-drift', why: 'The error would be about members, not keys.' },
    { rule: 'downgrade-or-storage-version-blocked', why: 'The binary would be too old, not too new.' },
  ],
  wouldDisprove: ['a check of the v2 store that finds nothing but membership'],
  nextEvidence: [
    { what: 'a check of the v2 store', command: 'etcdutl check v2store --data-dir <copy of the data dir>' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const refused = damageClaims(ctx.want, ctx.window, REFUSED, {
      text: 'The log says that the v2 store holds other content than membership',
    });
    if ('inconclusive' in refused || refused.length > 0) return refused;
    const content = linesOf(ctx.want.log, ['v2store-content']);
    if (content === undefined || content.total === 0) return [];
    const server = ctx.want.versions?.members.find(({ member }) => member === ctx.subject.id)?.server;
    const enabled = ctx.want.config?.members[ctx.subject.id]?.['enable-v2']?.value;
    return [
      {
        message: 'content',
        role: 'risk',
        severity: 'high',
        evidence: [
          necessary(true, 'The log warns of custom content in the v2 store', {
            observed: `${content.total} lines`,
            limit: '0',
            sources: content.sources,
          }),
          supporting(enabled === 'true' ? true : undefined, 'The v2 API is switched on', { from: ['config'] }),
          contradicting(
            server === undefined ? undefined : isAffected(server, { '3.5': '3.5.22' }),
            'Patches before 3.5.22 may warn without such keys (etcd changelog 3.5.22)',
            { observed: server ?? 'unknown', from: ['versions'] },
          ),
        ],
      },
    ];
  },
});
