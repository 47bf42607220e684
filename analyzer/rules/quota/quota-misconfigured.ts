import { type Claim, defineRule, necessary, supporting } from '../../rule.js';

const gib = (bytes: number): string =>
  bytes >= 1024 ** 3
    ? `${Math.round((bytes / 1024 ** 3) * 10) / 10} GiB`
    : `${Math.round((bytes / 1024 ** 2) * 10) / 10} MiB`;

export default defineRule({
  id: 'quota-misconfigured',
  title: 'The database quota does not fit the cluster',
  category: 'quota',
  role: 'risk',
  scope: 'cluster',
  why: 'The smallest quota stops the writes of all members, and one larger than the disk lets etcd die instead of refusing writes.',
  needs: ['storage'],
  wants: ['config', 'filesystems'],
  explains: [],
  messages: {
    differs: 'The members have different quotas: {values}; the smallest one decides for all.',
    disabled: 'The quota of {subject} is switched off: the database grows until the disk is full.',
    large: 'The quota of {subject} is {quota}, above the 8 GiB that etcd recommends at most.',
    small: '{subject} uses {share} % of the default quota of 2 GiB: set one that fits.',
    disk: 'The quota of {subject} is {quota} on a file system of {total}: the disk is full before the quota is.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See quota and size of every member',
      tag: 'read-only',
      command: 'etcdctl endpoint status --cluster -w fields | grep -iE "dbsize|quota"',
    },
    {
      text: 'Set the same quota on all members, 2 to 8 GiB, with memory for it and a disk of 2.5 times its size',
      tag: 'restarts',
      command: 'etcd --quota-backend-bytes=8589934592   # one member at a time',
    },
  ],
  doNot: ['change the quota on one member only', 'switch the quota off'],
  owner: 'operator',
  alternatives: [{ rule: 'quota-nospace-live-data', why: 'The quota would be reached already, with the alarm armed.' }],
  wouldDisprove: ['equal values of etcd_server_quota_backend_bytes on all members'],
  nextEvidence: [],
  thresholds: ['quota-max-bytes', 'quota-in-use-share', 'quota-full-share', 'quota-disk-ratio'],
  evaluate: (ctx) => {
    const storage = [...ctx.each('storage')];
    const known = storage.filter(([, value]) => value.quotaOrigin !== 'default');
    const values = [...new Set(known.map(([, value]) => value.quotaBytes))];
    const fullest = Math.max(0, ...storage.map(([, value]) => value.sizeShare));
    const files = [...ctx.each('filesystems').values()]
      .flatMap((each) => each.filesystems)
      .filter((fs) => fs.role === 'data');
    const disabled = ctx.members.filter((member) =>
      /^-/.test(ctx.want.config?.members[member.id]?.['quota-backend-bytes']?.value ?? ''),
    );
    const large = known.filter(([, value]) => Number(value.quotaBytes) > ctx.limit('quota-max-bytes'));
    const small = storage.filter(
      ([, value]) =>
        value.quotaBytes === String(2 * 1024 ** 3) && (value.inUseShare ?? 0) > ctx.limit('quota-in-use-share'),
    );
    const tight = known.filter(([id, value]) =>
      files.some((fs) => fs.member === id && Number(fs.totalBytes) < Number(value.quotaBytes)),
    );
    const claims: Claim[] = [
      {
        message: 'differs',
        data: { values: known.map(([id, value]) => `${ctx.nameOf(id)} ${gib(Number(value.quotaBytes))}`).join(', ') },
        severity: fullest > ctx.limit('quota-full-share') ? 'high' : 'warning',
        subjects: known.map(([id]) => id),
        evidence: [
          necessary(known.length < 2 ? undefined : values.length > 1, 'Quotas in force', {
            observed: values.map((value) => gib(Number(value))).join(', '),
            limit: 'equal',
            from: ['storage'],
            ...(known[0] === undefined ? {} : { about: known[0][0] }),
          }),
          ...(fullest > ctx.limit('quota-full-share')
            ? [
                supporting(true, 'A member is close to its quota', {
                  observed: `${Math.round(fullest * 100)} %`,
                  threshold: 'quota-full-share',
                }),
              ]
            : []),
        ],
      },
    ];
    const add = (
      message: string,
      severity: 'info' | 'warning',
      ids: readonly string[],
      text: string,
      data: Readonly<Record<string, string | number>>,
      limit: string,
    ): void => {
      if (ids.length > 0)
        claims.push({
          message,
          data,
          severity,
          subjects: ids,
          evidence: [
            necessary(true, text, {
              observed: Object.values(data).join(', ') || 'yes',
              limit,
              from: ['storage'],
              about: ids[0] as string,
            }),
          ],
        });
    };
    const quotaOf = (entry: (typeof storage)[number] | undefined): string => gib(Number(entry?.[1].quotaBytes ?? 0));
    add(
      'disabled',
      'warning',
      disabled.map((member) => member.id),
      'A negative quota is none',
      {},
      '2 to 8 GiB',
    );
    add(
      'large',
      'info',
      large.map(([id]) => id),
      'Quota in force',
      { quota: quotaOf(large[0]) },
      gib(ctx.limit('quota-max-bytes')),
    );
    add(
      'small',
      'warning',
      small.map(([id]) => id),
      'Pages in use, of the default quota',
      { share: Math.round((small[0]?.[1].inUseShare ?? 0) * 100) },
      `${ctx.limit('quota-in-use-share') * 100} %`,
    );
    const total = files.find((fs) => fs.member === tight[0]?.[0])?.totalBytes ?? '0';
    add(
      'disk',
      'warning',
      tight.map(([id]) => id),
      'Quota against the size of the file system',
      { quota: quotaOf(tight[0]), total: gib(Number(total)) },
      `a disk of at least ${ctx.limit('quota-disk-ratio')} times the quota`,
    );
    return claims;
  },
});
