import {
  alarmPiece,
  type HashRow,
  type HealthRow,
  hashPieces,
  healthPieces,
  type ListRow,
  memberListPiece,
  silentPiece,
  statusPiece,
} from '../etcdctl-pieces.js';
import type { Hint, Piece, Recognised } from '../types.js';
import { bytesOf, idOfDecimal, idOfHex } from '../values.js';

/** One row of a table by the name of its column, as etcdctl prints it in capitals. */
export type Row = Readonly<Record<string, string>>;

const urlsOf = (cell: string | undefined): string[] =>
  (cell ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');

/** `memberID:N alarm:NAME` texts of one cell or line. */
export const alarmTexts = (text: string): string[] =>
  [...text.matchAll(/memberID:\s*\d{1,20}\s+alarm:\s*[A-Z]+/g)].map(([found]) => found.replace(/\s+/g, ' '));

const errorsOf = (cell: string): string[] => {
  const alarms = alarmTexts(cell);
  return alarms.length > 0 ? alarms : cell.trim() === '' ? [] : [cell.trim()];
};

const status = (row: Row, hint: Hint): Piece | undefined =>
  statusPiece(
    {
      endpoint: row['ENDPOINT'],
      id: idOfHex(row['ID']),
      version: row['VERSION'],
      dbSize: bytesOf(row['DB SIZE']),
      dbSizeInUse: bytesOf(row['IN USE']),
      quota: bytesOf(row['QUOTA']),
      isLeader: row['IS LEADER'] === 'true',
      isLearner: row['IS LEARNER'] === 'true',
      raftTerm: row['RAFT TERM'],
      raftIndex: row['RAFT INDEX'],
      raftAppliedIndex: row['RAFT APPLIED INDEX'],
      errors: errorsOf(row['ERRORS'] ?? ''),
      storageVersion: row['STORAGE VERSION'],
      downgradeTarget: row['DOWNGRADE TARGET VERSION'],
      downgradeEnabled: row['DOWNGRADE ENABLED'] === undefined ? undefined : row['DOWNGRADE ENABLED'] === 'true',
      rounded: true,
    },
    hint,
  );

const listed = (row: Row): ListRow | undefined => {
  const id = idOfHex(row['ID']);
  return id === undefined
    ? undefined
    : {
        id,
        name: row['NAME'] ?? '',
        peerURLs: urlsOf(row['PEER ADDRS']),
        clientURLs: urlsOf(row['CLIENT ADDRS']),
        isLearner: row['IS LEARNER'] === 'true',
      };
};

const all = <T>(values: readonly (T | undefined)[]): T[] | undefined => {
  const whole = values.filter((value) => value !== undefined);
  return whole.length === values.length ? whole : undefined;
};

/** Rows of any of etcdctl's tables, told apart by their columns; undefined for another program's. */
export const recogniseRows = (rows: readonly Row[], form: string, hint: Hint): Recognised | undefined => {
  const [first] = rows;
  if (first === undefined) return undefined;
  const has = (...names: readonly string[]): boolean => names.every((name) => Object.hasOwn(first, name));
  if (has('ENDPOINT', 'ID', 'RAFT INDEX')) {
    const pieces = all(rows.map((row) => status(row, hint)));
    return pieces && { form: `etcdctl endpoint status (${form})`, pieces };
  }
  if (has('ID', 'STATUS', 'PEER ADDRS')) {
    const members = all(rows.map(listed));
    return members && { form: `etcdctl member list (${form})`, pieces: [memberListPiece(members, hint)] };
  }
  if (has('ENDPOINT', 'HEALTH')) {
    const healths = rows.map(
      (row): HealthRow => ({
        endpoint: row['ENDPOINT'] ?? '',
        healthy: row['HEALTH'] === 'true',
        took: row['TOOK'],
        error: row['ERROR'],
      }),
    );
    return { form: `etcdctl endpoint health (${form})`, pieces: healthPieces(healths, hint) };
  }
  if (has('ENDPOINT', 'HASH')) {
    const hashes = rows.map(
      (row): HashRow => ({
        endpoint: row['ENDPOINT'] ?? '',
        hash: row['HASH'] ?? '',
        hashRevision: row['HASH REVISION'],
      }),
    );
    return { form: `etcdctl endpoint hashkv (${form})`, ...hashPieces(hashes, hint) };
  }
  return undefined;
};

/** Columns of `endpoint status` in the simple form; the errors stand between the two parts, with commas of their own. */
const STATUS_35 = [
  'ENDPOINT',
  'ID',
  'VERSION',
  'DB SIZE',
  'IS LEADER',
  'IS LEARNER',
  'RAFT TERM',
  'RAFT INDEX',
  'RAFT APPLIED INDEX',
];
const STATUS_36 = [
  ...['ENDPOINT', 'ID', 'VERSION', 'STORAGE VERSION', 'DB SIZE', 'IN USE', 'PERCENTAGE NOT IN USE', 'QUOTA'],
  ...['IS LEADER', 'IS LEARNER', 'RAFT TERM', 'RAFT INDEX', 'RAFT APPLIED INDEX'],
];
const LIST = ['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'];

const zip = (columns: readonly string[], cells: readonly string[]): Row =>
  Object.fromEntries(columns.map((column, i) => [column, cells[i]?.trim() ?? '']));

const isBool = (cell: string | undefined): boolean => cell === 'true' || cell === 'false';

/** One line of the simple form as a row, with the command it is of; undefined for any other line. */
const simpleRow = (line: string): Row | undefined => {
  const cells = line.split(', ').map((cell) => cell.trim());
  if (/^[0-9a-f]{1,16}$/.test(cells[0] ?? '') && /^(un)?started$/.test(cells[1] ?? '')) {
    // Several URLs of one member are joined by a comma without a space.
    return cells.length === 6 || cells.length === 5 ? zip(LIST, cells) : undefined;
  }
  if (!/^\S+:\d+$/.test(cells[0] ?? '')) return undefined;
  if (/^[0-9a-f]{1,16}$/.test(cells[1] ?? '') && /^\d+\.\d+\./.test(cells[2] ?? '')) {
    if (isBool(cells[4]) && cells.length >= STATUS_35.length)
      return { ...zip(STATUS_35, cells), ERRORS: cells.slice(STATUS_35.length).join(', ') };
    if (isBool(cells[8]) && cells.length >= STATUS_36.length) {
      const tail = cells.slice(STATUS_36.length);
      return {
        ...zip(STATUS_36, cells),
        ERRORS: tail.slice(0, -2).join(', '),
        'DOWNGRADE TARGET VERSION': tail.at(-2) ?? '',
        'DOWNGRADE ENABLED': tail.at(-1) ?? '',
      };
    }
    return undefined;
  }
  if (/^\d{1,10}$/.test(cells[1] ?? '') && cells.length <= 3)
    return zip(cells.length === 3 ? ['ENDPOINT', 'HASH', 'HASH REVISION'] : ['ENDPOINT', 'HASH'], cells);
  return undefined;
};

const HEALTHY = /^(\S+:\d+) is healthy: successfully committed proposal: took = (\S+)$/;
const UNHEALTHY = /^(\S+:\d+) is unhealthy: failed to (?:commit proposal|connect): (.*)$/;
const ALARM = /^memberID:(\d{1,20}) alarm:([A-Z]+)\s*$/;
const SILENT = /^Failed to get the status of endpoint (\S+) \((.*)\)$/;

const healthRow = (line: string): Row | undefined => {
  const good = HEALTHY.exec(line);
  if (good !== null) return { ENDPOINT: good[1] ?? '', HEALTH: 'true', TOOK: good[2] ?? '' };
  const bad = UNHEALTHY.exec(line);
  return bad === null ? undefined : { ENDPOINT: bad[1] ?? '', HEALTH: 'false', ERROR: bad[2] ?? '' };
};

/** Whether a line is one of etcdctl's in its simple form. */
export const isSimpleLine = (line: string): boolean =>
  ALARM.test(line) || SILENT.test(line) || healthRow(line) !== undefined || simpleRow(line) !== undefined;

/** Lines of the simple form: those of one command stand together. */
export const recogniseSimple = (lines: readonly string[], hint: Hint): Recognised[] => {
  const found: Recognised[] = [];
  const groups = new Map<string, Row[]>();
  const alarms = lines.map((line) => ALARM.exec(line)).filter((match) => match !== null);
  if (alarms.length > 0) {
    const list = alarms.flatMap(([, id, alarm]) => {
      const memberId = idOfDecimal(id);
      return memberId === undefined || alarm === undefined ? [] : [{ memberId, alarm }];
    });
    found.push({ form: 'etcdctl alarm list (simple)', pieces: [alarmPiece({ alarms: list }, hint)] });
  }
  for (const line of lines) {
    const row = healthRow(line) ?? simpleRow(line);
    if (row === undefined) continue;
    const key = Object.keys(row).slice(0, 2).join();
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  for (const rows of groups.values()) {
    const recognised = recogniseRows(rows, 'simple', hint);
    if (recognised !== undefined) found.push(recognised);
  }
  const silent = lines.map((line) => SILENT.exec(line)).filter((match) => match !== null);
  if (silent.length > 0)
    found.push({
      form: 'etcdctl endpoint status (endpoints without an answer)',
      pieces: silent.map(([, endpoint = '', why = '']) => silentPiece(endpoint, why, hint)),
    });
  return found;
};
