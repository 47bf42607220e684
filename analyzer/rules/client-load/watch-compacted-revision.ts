import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { rate } from '../evidence/responsiveness.js';

/** Calls whose OutOfRange is no client that fell behind: a second compactor, and hash comparisons of monitors. */
const ownAffair: ReadonlySet<string> = new Set(['Compact', 'HashKV', 'Hash']);

export default defineRule({
  id: 'watch-compacted-revision',
  title: 'Clients fall behind compaction',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'A client that asks for a revision that is compacted away must list everything again, which makes load.',
  needs: ['requests'],
  wants: ['log', 'storage', 'config', 'watchers'],
  explains: ['large-range-reads'],
  messages: {
    frequent: 'Clients of {subject} ask for compacted revisions {seen}: they keep falling behind.',
    some: 'Clients of {subject} asked for compacted or future revisions {seen}.',
  },
  basis: 'direct',
  remedy: [
    { text: 'Find the client that falls behind, and why it is slow', tag: 'read-only' },
    {
      text: 'Keep history longer than the slowest client needs',
      tag: 'restarts',
      command: 'etcd --auto-compaction-mode=periodic --auto-compaction-retention=1h',
    },
    {
      text: 'After a restore, raise the revision so that clients notice',
      tag: 'destructive',
      command: 'etcdutl snapshot restore <file> --bump-revision 1000000000 --mark-compacted',
    },
  ],
  doNot: ['switch compaction off: the database grows until the quota stops writes'],
  owner: 'application',
  alternatives: [
    { rule: 'slow-or-too-many-watchers', why: 'It says why clients are behind.' },
    { rule: 'data-inconsistency-between-members', why: 'Future revisions would come from one endpoint only.' },
  ],
  wouldDisprove: ['the counter stands still over some minutes'],
  nextEvidence: [
    {
      what: 'which clients get the error',
      command: 'grep -r "required revision has been compacted" <logs of the clients>',
    },
  ],
  thresholds: ['compacted-rate'],
  evaluate: ({ need: { requests }, want, limit, window }) => {
    const lines = linesOf(want.log, ['err-compacted', 'err-future-rev']);
    if (requests.total.delta === null && lines === undefined)
      return inconclusive('the growth of the request counters is unknown and no log was seen');
    const refused = requests.byMethod
      .filter((each) => each.code === 'OutOfRange' && !ownAffair.has(each.method))
      .reduce((sum, each) => sum + (each.counter.delta ?? 0), 0);
    const seconds = Math.max(1, (window.to - window.from) / 1000);
    const seen = Math.max(refused, lines?.inWindow ?? 0);
    const frequent = seen / seconds >= limit('compacted-rate');
    const retention = want.config?.members;
    const minutes = Object.values(retention ?? {}).map((settings) => settings['auto-compaction-retention']?.value)[0];
    return [
      {
        message: frequent ? 'frequent' : 'some',
        data: { seen: frequent ? rate(seen / seconds) : `${seen} times in the window` },
        severity: frequent ? 'warning' : 'info',
        role: frequent ? 'cause' : 'notice',
        evidence: [
          necessary(seen > 0, 'Requests for revisions that are compacted or not there yet', {
            observed: `${refused} answers with OutOfRange, ${lines?.inWindow ?? 0} log lines`,
            threshold: 'compacted-rate',
            from: ['requests', 'log'],
            sources: lines?.sources ?? [],
          }),
          ...(minutes === undefined || minutes === '0'
            ? []
            : [
                supporting(undefined, 'Retention of the automatic compaction', { observed: minutes, from: ['config'] }),
              ]),
        ],
      },
    ];
  },
});
