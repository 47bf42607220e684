import type { EndpointStatusArtifact, MemberListArtifact } from '../../schemas/index.js';
import type { Hint, Moment, Piece, Who } from './types.js';
import { addressOf, durationMs, integer, known, NOBODY } from './values.js';

/** One row of `endpoint status`, whatever the form; absent is what the form does not show. */
export interface StatusRow {
  readonly endpoint?: string | undefined;
  readonly id?: string | undefined;
  readonly clusterId?: string | undefined;
  readonly revision?: string | undefined;
  readonly version?: string | undefined;
  readonly dbSize?: string | undefined;
  readonly dbSizeInUse?: string | undefined;
  readonly quota?: string | undefined;
  /** Leader by id, or only whether it is this member. */
  readonly leader?: string | undefined;
  readonly isLeader?: boolean | undefined;
  readonly isLearner?: boolean | undefined;
  readonly raftTerm?: string | undefined;
  readonly raftIndex?: string | undefined;
  readonly raftAppliedIndex?: string | undefined;
  readonly errors?: readonly string[] | undefined;
  readonly storageVersion?: string | undefined;
  readonly downgradeTarget?: string | undefined;
  readonly downgradeEnabled?: boolean | undefined;
  /** Sizes were printed with two digits. */
  readonly rounded?: boolean;
}

const momentOf = (hint: Hint): { moment?: Moment } => (hint.moment === undefined ? {} : { moment: hint.moment });

/** Who an answer is of, when it says: what the place of the file says of one member does not hold for a list of several. */
export const answering = (hint: Hint, id: string | undefined, endpoint: string | undefined): Who => {
  const address = addressOf(endpoint);
  return { ...known({ id, address }), label: address ?? id ?? hint.who.label };
};

/** The status of one member; undefined when the row says too little to be one. */
export const statusPiece = (row: StatusRow, hint: Hint): Piece | undefined => {
  const { version, dbSize } = row;
  const [raftTerm, raftIndex] = [integer(row.raftTerm), integer(row.raftIndex)];
  if (row.id === undefined || version === undefined || dbSize === undefined || !raftTerm || !raftIndex)
    return undefined;
  const value: EndpointStatusArtifact = {
    memberId: row.id,
    clusterId: row.clusterId ?? NOBODY,
    version,
    dbSize,
    raftIndex,
    raftTerm,
    errors: [...(row.errors ?? [])],
    isLearner: row.isLearner ?? false,
    elapsedMs: 0,
    ...known({
      revision: integer(row.revision),
      leader: row.leader ?? (row.isLeader === true ? row.id : undefined),
      dbSizeInUse: row.dbSizeInUse,
      raftAppliedIndex: integer(row.raftAppliedIndex),
      storageVersion: row.storageVersion === '' ? undefined : row.storageVersion,
      dbSizeQuota: row.quota,
      downgradeInfo:
        row.downgradeEnabled === undefined
          ? undefined
          : { enabled: row.downgradeEnabled, targetVersion: row.downgradeTarget ?? '' },
    }),
  };
  return {
    kind: 'endpoint-status',
    about: answering(hint, row.id, row.endpoint),
    value,
    ...momentOf(hint),
    ...(row.rounded === true
      ? {
          lacks: 'this form of etcdctl rounds sizes to two digits and shows neither cluster id nor revision nor leader',
        }
      : {}),
  };
};

/** An endpoint that etcdctl could not get the status of. */
export const silentPiece = (endpoint: string, why: string, hint: Hint): Piece => ({
  kind: 'endpoint-status',
  about: answering(hint, undefined, endpoint),
  ...momentOf(hint),
  failure: { state: 'unreachable', reason: 'no-answer', message: `etcdctl got no status: ${why}` },
});

export interface HealthRow {
  readonly endpoint: string;
  readonly healthy: boolean;
  readonly took?: string | undefined;
  readonly error?: string | undefined;
}

/** Code in the words of gRPC of the error texts that the health check prints. */
const codeOf = (error: string): string =>
  /deadline exceeded/i.test(error)
    ? 'DEADLINE_EXCEEDED'
    : /permission denied/i.test(error)
      ? 'PERMISSION_DENIED'
      : /unavailable|connection|no leader/i.test(error)
        ? 'UNAVAILABLE'
        : 'UNKNOWN';

/**
 * `endpoint health` is a linearizable read of one key followed by a look at the alarms: so it becomes such a read, which
 * succeeded where nothing but alarms made the endpoint unhealthy.
 */
export const healthPieces = (rows: readonly HealthRow[], hint: Hint): Piece[] => {
  const alarms = new Set<string>();
  const reads = rows.map((row): Piece => {
    const error = row.error?.trim() ?? '';
    const active = /Active Alarm\(s\):\s*([A-Z ]+)/.exec(error)?.[1];
    for (const alarm of active?.trim().split(/\s+/) ?? []) alarms.add(alarm);
    const ok = row.healthy || active !== undefined;
    const ms = durationMs(row.took) ?? 0;
    const failure = error === '' ? {} : { error: error.slice(0, 400) };
    const attempt = ok ? { ms, ok } : { ms, ok, code: codeOf(error), ...failure };
    return {
      kind: 'read-latency',
      about: answering(hint, undefined, row.endpoint),
      value: { serializable: [], linearizable: [attempt] },
      ...momentOf(hint),
      lacks: 'one read by etcdctl endpoint health, connect time included',
    };
  });
  if (alarms.size === 0) return reads;
  // The texts do not say whose alarm it is.
  const list = [...alarms].sort().map((alarm) => ({ memberId: NOBODY, alarm }));
  return [...reads, alarmPiece({ alarms: list }, hint, 'endpoint health names alarms without their members')];
};

export const alarmPiece = (
  list: { readonly asked?: string | undefined; readonly alarms: readonly { memberId: string; alarm: string }[] },
  hint: Hint,
  lacks?: string,
): Piece => ({
  kind: 'alarm-list',
  about: 'cluster',
  value: { askedMember: list.asked ?? NOBODY, alarms: [...list.alarms], elapsedMs: 0 },
  ...momentOf(hint),
  ...(lacks === undefined ? {} : { lacks }),
});

export interface ListRow {
  readonly id: string;
  readonly name: string;
  readonly peerURLs: string[];
  readonly clientURLs: string[];
  readonly isLearner: boolean;
}

export const memberListPiece = (
  rows: readonly ListRow[],
  hint: Hint,
  header: {
    readonly member?: string | undefined;
    readonly clusterId?: string | undefined;
    readonly raftTerm?: string | undefined;
  } = {},
): Piece => {
  const value: MemberListArtifact = {
    memberId: header.member ?? NOBODY,
    clusterId: header.clusterId ?? NOBODY,
    raftTerm: integer(header.raftTerm) ?? '0',
    linearizable: true,
    members: [...rows],
    elapsedMs: 0,
  };
  return {
    kind: 'member-list',
    about:
      header.member === undefined ? { label: `list-${hint.who.label}` } : answering(hint, header.member, undefined),
    value,
    ...momentOf(hint),
    ...(header.member === undefined ? { lacks: 'this form of etcdctl does not show who answered' } : {}),
  };
};

export interface HashRow {
  readonly endpoint: string;
  readonly id?: string | undefined;
  readonly revision?: string | undefined;
  readonly hash: string;
  readonly hashRevision?: string | undefined;
  readonly compactRevision?: string | undefined;
}

/** Hashes of different compactions differ on sound members: without the compact revision nothing can be compared. */
export const HASH_UNUSABLE =
  'the hashes were not used: only the JSON form shows the compact revision, without which they cannot be compared (etcdctl endpoint hashkv --cluster -w json)';

export const hashPieces = (rows: readonly HashRow[], hint: Hint): { pieces: Piece[]; notes: string[] } => {
  const pieces = rows.flatMap((row): Piece[] => {
    const [headerRevision, compactRevision] = [integer(row.revision), integer(row.compactRevision)];
    if (row.id === undefined || headerRevision === undefined || compactRevision === undefined) return [];
    const sample = {
      requestedRevision: '0',
      headerRevision,
      hash: row.hash,
      compactRevision,
      ...known({ hashRevision: integer(row.hashRevision) }),
      at: new Date(hint.moment?.at ?? 0).toISOString(),
      elapsedMs: 0,
    };
    const value = { memberId: row.id, samples: [sample] };
    return [{ kind: 'hashkv', about: answering(hint, row.id, row.endpoint), value, ...momentOf(hint) }];
  });
  return { pieces, notes: pieces.length < rows.length ? [HASH_UNUSABLE] : [] };
};
