import { contradicting, defineRule, necessary, supporting } from '../../rule.js';
import { parseVersion } from '../evidence/etcd-version.js';
import { linesOf } from '../evidence/log-lines.js';

const isBad = (server: string): boolean => {
  const version = parseVersion(server);
  return version !== null && version.major === 3 && version.minor === 5 && version.patch <= 2;
};

export default defineRule({
  id: 'bad-version-3-5-0-to-2',
  title: 'etcd 3.5.0 to 3.5.2: data may differ after a crash under load',
  category: 'version',
  role: 'risk',
  scope: 'cluster',
  why: 'A process of these versions that is killed under load may skip committed entries after its restart, and nothing tells.',
  needs: ['versions'],
  wants: ['hashes', 'log'],
  explains: [],
  messages: {
    runs: 'On {subject} runs etcd {versions}, which may lose committed entries when it is killed under load.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare the hashes of all members',
      tag: 'read-only',
      command: 'etcdctl endpoint hashkv --cluster -w table',
    },
    { text: 'Take a snapshot', tag: 'read-only', command: 'etcdctl snapshot save <file>' },
    {
      text: 'Upgrade to the newest 3.5 patch, one member at a time; not merely to 3.5.3, which fails to start with authentication',
      tag: 'restarts',
    },
    {
      text: 'Compare the hashes again: new binaries do not heal data',
      tag: 'read-only',
      command: 'etcdctl endpoint hashkv --cluster -w table',
    },
  ],
  doNot: ['kill -9 a member of this version', 'take equal hashes of today as proof for tomorrow'],
  owner: 'operator',
  alternatives: [
    { rule: 'data-inconsistency-between-members', why: 'That is the proof that it has happened.' },
    { rule: 'known-bug-in-running-version', why: 'Lists what other patches fixed.' },
  ],
  wouldDisprove: ['another version of the running binary'],
  nextEvidence: [{ what: 'crashes in the past', command: 'journalctl -u etcd | grep -E "killed|panic|oom"' }],
  thresholds: [],
  evaluate: (ctx) => {
    const bad = ctx.need.versions.members.filter(({ server }) => isBad(server));
    if (bad.length === 0) return [];
    const { hashes } = ctx.want;
    const crashes = [...ctx.each('log').values()].map(
      (log) => linesOf(log, ['oom-kernel', 'wal-repaired', 'systemd-process-killed'])?.total ?? 0,
    );
    return [
      {
        message: 'runs',
        data: { versions: [...new Set(bad.map(({ server }) => server))].join(', ') },
        severity: 'high',
        subjects: bad.map(({ member }) => member),
        evidence: [
          necessary(true, 'The server version is one of 3.5.0, 3.5.1, 3.5.2', {
            observed: bad.map(({ server }) => server).join(', '),
            limit: '3.5.3 or later',
            from: ['versions'],
          }),
          supporting(
            crashes.length === 0 ? undefined : crashes.some((count) => count > 0) ? true : undefined,
            'Crashes are on record',
          ),
          supporting(hashes?.equal === false ? true : undefined, 'The hashes of the members differ already', {
            from: ['hashes'],
          }),
          contradicting(hashes?.equal ?? undefined, 'The hashes of the members are equal', {
            answer: 'it may still happen with the next crash',
            from: ['hashes'],
          }),
        ],
      },
    ];
  },
});
