import type { CopyCheck, CopyFit, CopyState } from '../facts/values/copies.js';

const fitReasons = (fit: CopyFit): readonly (readonly [CopyState, string])[] => [
  ...(fit.logLost === null
    ? []
    : [
        [
          'damaged',
          `its log ends at entry ${fit.logLost.last}, and it had counted entry ${fit.logLost.commit} as committed`,
        ] as const,
      ]),
  ...(fit.databaseBehind === null
    ? []
    : [
        [
          'damaged',
          `its database ends at entry ${fit.databaseBehind.applied}, before its raft snapshot ${fit.databaseBehind.snapshot}, and the database of that snapshot is missing`,
        ] as const,
      ]),
  ...(fit.logStartsLate === null
    ? []
    : [
        [
          'damaged',
          `its log begins at entry ${fit.logStartsLate.first}, and its newest sound raft snapshot ends at ${fit.logStartsLate.base}`,
        ] as const,
      ]),
  ...(fit.logHole === null
    ? []
    : [
        [
          'damaged',
          `in its log the entries between ${fit.logHole.after} and ${fit.logHole.before} are missing`,
        ] as const,
      ]),
  ...(fit.databaseAhead === null
    ? []
    : [
        [
          'unknown',
          `its database has applied entry ${fit.databaseAhead.applied}, and its log ends at ${fit.databaseAhead.last}: the log was cut or replaced`,
        ] as const,
      ]),
];

export interface Parts {
  readonly wal: CopyCheck;
  readonly snap: CopyCheck;
  readonly db: CopyCheck;
  readonly fit: CopyFit;
  /** Log and snapshots reach back to the very first entry: the database can be made anew from them. */
  readonly fromTheStart: boolean;
}

/** The state of the whole, and why. */
export const judge = ({
  wal,
  snap,
  db,
  fit,
  fromTheStart,
}: Parts): { state: CopyState; reasons: readonly string[] } => {
  if (wal.state === 'missing' && db.state === 'missing')
    return { state: 'missing', reasons: ['the data dir holds neither a WAL nor a database'] };
  const found: (readonly [CopyState, string])[] = [
    [wal.state === 'missing' ? 'damaged' : wal.state, wal.text],
    [db.state === 'missing' ? (fromTheStart ? 'repairable' : 'damaged') : db.state, db.text],
    ...fitReasons(fit),
    // An older snapshot, or the log from its start, stands in for a damaged one; where neither does, the fit says so.
    [snap.state === 'damaged' ? 'repairable' : snap.state === 'missing' ? 'sound' : snap.state, snap.text],
  ];
  const order: readonly CopyState[] = ['damaged', 'unknown', 'repairable'];
  const state = order.find((each) => found.some(([of]) => of === each)) ?? 'sound';
  const reasons = order.flatMap((each) =>
    found.filter(([of, text]) => of === each && text !== '').map(([, text]) => text),
  );
  return { state, reasons };
};
