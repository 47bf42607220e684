/** What is put around a line on its way, as the tools print it. `n` counts lines, `ms` is the time at which the runtime took the line. */
export type Wrap = (line: string, n: number, ms: number) => string;

const iso = (ms: number): string => new Date(ms).toISOString();
const nanos = (ms: number): string => iso(ms).replace('Z', '456789Z');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function syslog(ms: number, fraction = ''): string {
  const at = new Date(ms);
  const day = String(at.getUTCDate()).padStart(2, ' ');
  return `${MONTHS[at.getUTCMonth()]} ${day} ${iso(ms).slice(11, 19)}${fraction}`;
}

/** Lines of the kernel and of systemd bring their own identifier. */
const HOST_LINE = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ ([a-z]+)(\[\d+\])?: (.*)$/;

function journal(line: string): { source: string; identifier: string; message: string } {
  const [, identifier = 'etcd', pid = '', message = line] = HOST_LINE.exec(line) ?? [undefined, 'etcd', '[812]'];
  return { source: `${identifier}${pid}`, identifier, message };
}

const micros = (ms: number): string => `${ms}123`;

function journalJson(line: string, n: number, ms: number): string {
  const { identifier, message } = journal(line);
  return JSON.stringify({
    __CURSOR: `s=${n}`,
    MESSAGE: message,
    __REALTIME_TIMESTAMP: micros(ms),
    PRIORITY: '6',
    SYSLOG_IDENTIFIER: identifier,
  });
}

function journalExport(line: string, n: number, ms: number): string {
  const { identifier, message } = journal(line);
  return `__CURSOR=s=${n}\n__REALTIME_TIMESTAMP=${micros(ms)}\nPRIORITY=6\nSYSLOG_IDENTIFIER=${identifier}\nMESSAGE=${message}\n`;
}

/** Go's `%q`, as logrus quotes a message. */
const quoted = (line: string): string => JSON.stringify(line);

/** The container runtime cuts long lines; here after 60 characters, so that every line of a log has parts. */
function criParts(line: string, _n: number, ms: number): string {
  const parts = line.match(/.{1,60}/g) ?? [''];
  return parts.map((part, at) => `${nanos(ms)} stderr ${at < parts.length - 1 ? 'P' : 'F'} ${part}`).join('\n');
}

export const WRAPS: Readonly<Record<string, Wrap>> = {
  bare: (line) => line,
  CRI: (line, _n, ms) => `${nanos(ms)} stderr F ${line}`,
  'CRI in parts': criParts,
  'Docker json-file': (line, _n, ms) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: nanos(ms) }),
  'journald short': (line, _n, ms) => `${syslog(ms)} cp1 ${journal(line).source}: ${journal(line).message}`,
  'journald short-precise': (line, _n, ms) =>
    `${syslog(ms, '.123456')} cp1 ${journal(line).source}: ${journal(line).message}`,
  'journald short-iso': (line, _n, ms) =>
    `${iso(ms).slice(0, 19)}+0000 cp1 ${journal(line).source}: ${journal(line).message}`,
  'journald short-iso-precise': (line, _n, ms) =>
    `${iso(ms).slice(0, 19)}.123456+00:00 cp1 ${journal(line).source}: ${journal(line).message}`,
  'journald short-full': (line, _n, ms) =>
    `Sun ${iso(ms).slice(0, 10)} ${iso(ms).slice(11, 19)} UTC cp1 ${journal(line).source}: ${journal(line).message}`,
  'journald json': journalJson,
  'journald export': journalExport,
  klog: (line, _n, ms) =>
    `I${iso(ms).slice(5, 10).replace('-', '')} ${iso(ms).slice(11, 23)}456       1 etcd.go:12] ${line}`,
  'k3s, zap bare': (line, _n, ms) => `${syslog(ms)} cp1 k3s[812]: ${line}`,
  'k3s, zap in logrus': (line, _n, ms) =>
    `${syslog(ms)} cp1 k3s[812]: time="${iso(ms).slice(0, 19)}Z" level=info msg=${quoted(line)}`,
  'kubectl logs --timestamps': (line, _n, ms) => `${nanos(ms)} ${line}`,
  'kubectl logs --prefix --timestamps': (line, _n, ms) => `[pod/etcd-cp1/etcd] ${nanos(ms)} ${line}`,
  'talosctl logs': (line) => `10.0.0.2: ${line}`,
  'docker compose logs': (line) => `etcd-1  | ${line}`,
  'docker compose logs in colour': (line) => `\u001b[36metcd-1  |\u001b[0m ${line}`,
  'CRI of a Docker line': (line, _n, ms) =>
    `${nanos(ms)} stderr F ${JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: nanos(ms) })}`,
};
