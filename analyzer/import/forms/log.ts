import { hostPort } from '../../bundle/fold-seeds.js';
import { summarizeLog } from '../../logs/index.js';
import type { LogSummary } from '../../logs/types.js';
import type { Hint, Piece, Recognised, Who } from '../types.js';
import { idOfHex, known } from '../values.js';

/** Beginning and end of a log, where it says who writes it. */
const LOOK_BYTES = 8 * 1024 * 1024;

/** Packages of the server, in the `caller` field of its lines (3.5 and later). */
const CALLER =
  /"caller":"(?:[a-z0-9@.]+\/)*(?:etcdmain|embed|etcdserver|rafthttp|raft|mvcc|wal|snap|membership|v3rpc|v3compactor|api|backend|lease|lessor|auth|traceutil|osutil|flags|fileutil|pkg|schema|verify|etcdhttp|rafthttp|version|zapgrpc|v2store|apply|txn|cindex)\//;
const ZAP_LINE = /\{"level":"[a-z]+","ts":/;
const TEXT_LINE =
  /\b(?:etcdmain|etcdserver|embed|rafthttp|raft|mvcc|wal|snap|auth|lease|osutil|pkg\/[a-z]+)(?:\/[a-z]+)?: /;
/** etcdctl's own client writes zap lines too, about itself. */
const CLIENT_LINE = /"logger":"(?:etcd-)?client"|"environment-variable":"ETCDCTL_/;

/** Whether a line is one that etcdctl writes about itself. */
export const isClientLine = (line: string): boolean => CLIENT_LINE.test(line);

/** Whether a line looks like one of a server log. */
export const isServerLine = (line: string): boolean =>
  !isClientLine(line) && (ZAP_LINE.test(line) || TEXT_LINE.test(line));

const endsOf = (bytes: Uint8Array): string => {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return whole.length <= 2 * LOOK_BYTES
    ? whole.toString('latin1')
    : `${whole.toString('latin1', 0, LOOK_BYTES)}\n${whole.toString('latin1', whole.length - LOOK_BYTES)}`;
};

/** How the server names itself, also inside a JSON string of a wrapper, where quotes are escaped. */
const OWN_ID = [
  /\\?"local-member-id\\?":\\?"([0-9a-f]{1,16})\\?"/g,
  /starting (?:local )?member ([0-9a-f]{1,16}) in cluster/g,
  /\b([0-9a-f]{13,16}) (?:became (?:leader|follower|candidate|pre-candidate) at term|is starting a new election at term)/g,
];

const idsIn = (text: string): Set<string> => {
  const ids = new Set<string>();
  for (const pattern of OWN_ID)
    for (const [, hex] of text.matchAll(pattern)) {
      const id = idOfHex(hex);
      if (id !== undefined) ids.add(id);
    }
  return ids;
};

const whoOf = (text: string, summary: LogSummary, hint: Hint): { who: Who; notes: string[] } => {
  const config = summary.starts.at(-1)?.config ?? summary.startupConfig ?? {};
  const ids = idsIn(text);
  const name = config['name'] === 'default' ? undefined : config['name'];
  const urls = config['advertise-client-urls'];
  const address = urls === undefined ? undefined : hostPort(urls.replace(/^\[?"?/, '').split(/[",\s]/)[0] ?? '');
  const [id] = ids;
  if (ids.size > 1)
    return {
      who: { label: hint.who.label },
      notes: [
        `${hint.who.label} holds lines of ${ids.size} members (${[...ids].join(', ')}); it counts as one log of an unknown member. Give each member's log as a file of its own.`,
      ],
    };
  return {
    who: {
      ...hint.who,
      ...known({ id: hint.who.id ?? id, name: hint.who.name ?? name, address: hint.who.address ?? address }),
    },
    notes: [],
  };
};

/** Whether the lines are a server's: by what the log room made of them, or by the packages they name. */
const isServers = (summary: LogSummary, text: string, hint: Hint): boolean => {
  const forms = (summary.forms['zap-json'] ?? 0) + (summary.forms['zap-console'] ?? 0) + (summary.forms.capnslog ?? 0);
  const crash = summary.forms['go-trace'] ?? 0;
  if (hint.isServerLog === true) return forms + crash + summary.fatal.length > 0;
  if (forms === 0) return false;
  const klog = summary.forms.klog ?? 0;
  return klog <= forms && (CALLER.test(text.replaceAll('\\"', '"')) || (summary.forms.capnslog ?? 0) > 0);
};

/** A log of an etcd server, in any wrapper that the log room takes off; undefined for another one. */
export const recogniseLog = async (
  bytes: Uint8Array,
  hint: Hint,
  skippedBytes: number,
  referenceTime: number,
): Promise<Recognised | undefined> => {
  const text = endsOf(bytes);
  const summary = await summarizeLog(oneChunk(bytes), { source: hint.who.label, referenceTime });
  if (!isServers(summary, text, hint)) return undefined;
  const { who, notes } = whoOf(text, summary, hint);
  const lines = summary.lines - (summary.forms.empty ?? 0);
  const piece: Piece = {
    kind: 'server-log',
    about: who,
    value: bytes,
    ...known({ instance: hint.instance, moment: hint.moment }),
    ...(summary.firstTime === undefined || summary.lastTime === undefined
      ? {}
      : { span: { from: summary.firstTime, to: summary.lastTime } }),
    ...(skippedBytes > 0 ? { skippedBytes } : {}),
  };
  return { form: `server log, ${lines} ${lines === 1 ? 'line' : 'lines'}`, pieces: [piece], notes };
};

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
