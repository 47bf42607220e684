import { attempt, needsLinux } from '../../local-files.js';
import { runCommand, type RunCommand } from '../../ports/command.js';
import { processTable } from '../../ports/process.js';
import { defineProbe, type HostTarget, type ProbeContext, ProbeError } from '../../probe.js';
import type { TimeSyncArtifact } from '../../../schemas/index.js';

type Asked = TimeSyncArtifact['asked'][number];
type Figures = Omit<TimeSyncArtifact, 'daemons' | 'asked'>;

const COMMAND_MS = 1_000;
const COMMAND_BYTES = 16 * 1024;
const MAX_WORD = 100;

const mark = '/run/systemd/timesync/synchronized';
const clocks = '/sys/devices/system/clocksource/clocksource0';
/** Commands as /proc shows them: 15 characters at most. */
const setters = new Set([
  'chronyd',
  'systemd-timesyn',
  'ntpd',
  'openntpd',
  'ntpd-rs',
  'ptp4l',
  'phc2sys',
  'vmtoolsd',
  'VBoxService',
  'timemaster',
]);

const round = (value: number): number => Math.round(value * 1e6) / 1e6;
const numeric = (text: string | undefined): number | undefined => {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};
const present = (values: Readonly<Record<string, unknown>>): Figures =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Figures;
const timeOf = (ms: number | undefined): string | undefined =>
  ms === undefined || !(ms > 0 && ms < 8.64e15) ? undefined : new Date(ms).toISOString();
const scaled = (text: string | undefined, factor: number): number | undefined => {
  const value = numeric(text);
  return value === undefined ? undefined : round(value * factor);
};

/**
 * `chronyc -n -c tracking`: one line of comma-separated values in the order of chronyc(1). Its system time is what is still to be
 * added to the clock, and so has the other sign. Undefined for another text.
 */
export const parseTracking = (text: string): Figures | undefined => {
  const fields = text.trim().split('\n')[0]?.split(',') ?? [];
  const [refId = '', server, stratum, refTime, system, , rms, frequency, , , delay, dispersion, , leap] = fields;
  if (fields.length < 14 || !/^[0-9A-F]{8}$/i.test(refId) || leap === undefined) return undefined;
  const refSeconds = numeric(refTime);
  const offset = scaled(system, -1000);
  return present({
    source: 'chrony',
    synchronised: !/not sync/i.test(leap) && refId !== '00000000',
    synchronisedBy: 'chrony',
    // -0 would be the same and read oddly.
    offsetMs: offset === 0 ? 0 : offset,
    stratum: numeric(stratum),
    server: server === '' ? undefined : server?.slice(0, MAX_WORD),
    leap: leap.trim().slice(0, MAX_WORD),
    rootDelayMs: scaled(delay, 1000),
    rootDispersionMs: scaled(dispersion, 1000),
    jitterMs: scaled(rms, 1000),
    frequencyPpm: numeric(frequency),
    lastUpdate: timeOf(refSeconds === undefined ? undefined : refSeconds * 1000),
  });
};

const properties = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );

const yes = (text: string | undefined): boolean | undefined =>
  text === 'yes' ? true : text === 'no' ? false : undefined;

/** `timedatectl show`: NTPSynchronized is the kernel's flag, whoever keeps the clock. */
export const parseTimedate = (text: string): Figures | undefined => {
  const { NTP, NTPSynchronized, LocalRTC } = properties(text);
  const synchronised = yes(NTPSynchronized);
  if (synchronised === undefined) return undefined;
  return present({ synchronised, synchronisedBy: 'kernel', ntpEnabled: yes(NTP), localRtc: yes(LocalRTC) });
};

const unitMs: Readonly<Record<string, number>> = {
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** systemd writes spans as `1min 2.5s` or `-453us`. */
const spanMs = (text: string | undefined): number | undefined => {
  const parts = [...(text ?? '').matchAll(/([\d.]+)(us|µs|ms|s|min|h|d)\b/g)];
  if (parts.length === 0) return undefined;
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0);
  return round(/^\s*-/.test(text ?? '') ? -total : total);
};

/** `timedatectl timesync-status`, of systemd-timesyncd. Its offset is what the server is ahead. */
export const parseTimesync = (text: string): Figures | undefined => {
  const field = (name: string): string | undefined => new RegExp(String.raw`^\s*${name}:\s*(.+)$`, 'm').exec(text)?.[1];
  const server = field('Server');
  const offset = spanMs(field('Offset'));
  if (server === undefined && offset === undefined) return undefined;
  const frequency = /^([+-]?[\d.]+)ppm/.exec(field('Frequency') ?? '')?.[1];
  return present({
    source: 'systemd-timesyncd',
    offsetMs: offset === undefined || offset === 0 ? offset : -offset,
    stratum: numeric(field('Stratum')),
    server: server?.slice(0, MAX_WORD),
    leap: field('Leap')?.slice(0, MAX_WORD),
    jitterMs: spanMs(field('Jitter')),
    frequencyPpm: numeric(frequency),
  });
};

const commands = [
  { what: 'chronyc tracking', file: 'chronyc', args: ['-n', '-c', 'tracking'], parse: parseTracking },
  {
    what: 'timedatectl show',
    file: 'timedatectl',
    args: ['show', '--property=NTP', '--property=NTPSynchronized', '--property=LocalRTC'],
    parse: parseTimedate,
  },
  {
    what: 'timedatectl timesync-status',
    file: 'timedatectl',
    args: ['timesync-status', '--no-pager'],
    parse: parseTimesync,
  },
] as const;

const ask = async (
  { signal, timeoutMs }: ProbeContext<HostTarget>,
  { what, file, args, parse }: (typeof commands)[number],
  run: RunCommand,
): Promise<{ readonly asked: Asked; readonly figures?: Figures }> => {
  try {
    const options = { signal, timeoutMs: Math.min(COMMAND_MS, timeoutMs / 2), maxBytes: COMMAND_BYTES };
    const text = (await run(file, args, options)).stdout.toString('utf8');
    const figures = parse(text);
    return figures === undefined
      ? { asked: { what, state: 'failed', message: text.trim().split('\n')[0]?.slice(0, 200) ?? '' } }
      : { asked: { what, state: 'ok' }, figures };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    const state = error.reason === 'file-missing' ? 'missing' : 'failed';
    return { asked: { what, state, message: error.message.slice(0, 200) } };
  }
};

/** Everything that can tell about the clock; the command is handed in for tests. */
export const readTimeSync = async (
  context: ProbeContext<HostTarget>,
  run: RunCommand = runCommand,
): Promise<TimeSyncArtifact> => {
  const { files, signal } = context;
  const [answers, touched, table] = await Promise.all([
    Promise.all(commands.map((command) => ask(context, command, run))),
    attempt(files.stat(mark, { signal })),
    attempt(processTable(files)),
  ]);
  const [current, available] = files.readPseudo([`${clocks}/current_clocksource`, `${clocks}/available_clocksource`]);
  const [chrony, kernel, timesync] = answers.map(({ figures }) => figures);
  // The daemon knows more than the flag of the kernel, and the mark is the weakest.
  const marked: Figures =
    touched === undefined
      ? {}
      : present({ synchronised: true, synchronisedBy: 'timesyncd-mark', lastUpdate: timeOf(touched.mtimeMs) });
  return {
    ...marked,
    ...timesync,
    ...kernel,
    ...chrony,
    ...(current === undefined ? {} : { clocksource: current.trim().slice(0, MAX_WORD) }),
    ...(available === undefined ? {} : { availableClocksources: available.trim().split(/\s+/).slice(0, 16) }),
    daemons: [...new Set((table ?? []).map(({ command }) => command))].filter((name) => setters.has(name)).sort(),
    asked: [
      ...answers.map(({ asked }) => asked),
      { what: mark, state: touched === undefined ? ('missing' as const) : ('ok' as const) },
    ],
  };
};

export default defineProbe({
  kind: 'time-sync',
  scope: 'host',
  title: 'Time synchronisation of the host',
  reads:
    'clock source, daemons that set the clock, and what chronyc, timedatectl and the mark of systemd-timesyncd say',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: needsLinux,
  source: () => `chronyc tracking, timedatectl, ${mark}, ${clocks}`,
  run: async (context) => {
    const content = await readTimeSync(context);
    const silent = content.synchronised === undefined;
    return {
      state: 'ok',
      // Not a fault of the run: in a container none of them is there.
      ...(silent ? { message: 'nothing here can tell whether the clock is synchronised' } : {}),
      source: content.asked.flatMap(({ what, state }) => (state === 'ok' ? [what] : [])).join(', ') || clocks,
      parts: [{ content }],
    };
  },
});
