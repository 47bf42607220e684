import {
  formatKernelLine,
  isInteresting,
  type KernelLine,
  parseKernelLogLine,
  parseKmsgRecord,
} from '../../kernel-lines.js';
import { needsLinux } from '../../local-files.js';
import type { FilesPort } from '../../ports/files.js';
import { readKernelRing } from '../../ports/kmsg.js';
import { defineProbe, ProbeError } from '../../probe.js';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_LINES = 2000;
const fallbacks = ['/var/log/kern.log', '/var/log/messages', '/var/log/syslog', '/var/log/dmesg'];

interface KernelLog {
  readonly source: string;
  readonly lines: readonly KernelLine[];
  /** The lines are of this boot, so their seconds can be turned into wall time. */
  readonly thisBoot: boolean;
  readonly note: string;
}

const fromFile = async (files: FilesPort, signal: AbortSignal): Promise<KernelLog | undefined> => {
  for (const path of fallbacks) {
    try {
      const { size } = await files.stat(path, { signal });
      const start = Math.max(0, Number(size) - MAX_BYTES);
      const text = (await files.readRange(path, start, MAX_BYTES, signal)).toString('utf8');
      const lines = text.split('\n').slice(start > 0 ? 1 : 0);
      return {
        source: path,
        lines: lines.flatMap((line) => parseKernelLogLine(line) ?? []),
        thisBoot: false,
        note: start > 0 ? `last ${MAX_BYTES} bytes` : 'whole file',
      };
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
  return undefined;
};

const fromRing = (): KernelLog => {
  const { records, truncated } = readKernelRing(MAX_BYTES);
  return {
    source: '/dev/kmsg',
    lines: records.flatMap((record) => parseKmsgRecord(record) ?? []),
    thisBoot: true,
    note: truncated ? `first ${MAX_BYTES} bytes of the ring` : 'whole ring',
  };
};

const read = async (files: FilesPort, signal: AbortSignal): Promise<KernelLog> => {
  try {
    return fromRing();
  } catch (error) {
    const log = await fromFile(files, signal);
    if (log !== undefined) return log;
    throw error instanceof ProbeError && error.state === 'denied'
      ? new ProbeError('denied', 'file-access', 'the kernel log may not be read by this user', {
          permission: 'root (CAP_SYSLOG when kernel.dmesg_restrict is 1), or group adm',
        })
      : error;
  }
};

export default defineProbe({
  kind: 'kernel-log',
  scope: 'host',
  title: 'Kernel messages about memory, storage, stalls and clocks',
  reads:
    'the kernel ring buffer or kern.log; only lines about OOM, I/O errors, file systems, hung tasks, lockups and clocks are kept',
  permission: 'root (CAP_SYSLOG), or group adm for kern.log',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'after',
  appliesTo: needsLinux,
  source: () => '/dev/kmsg',
  run: async ({ files, signal, now }) => {
    const log = await read(files, signal);
    const uptime = Number.parseFloat(files.readPseudo(['/proc/uptime'])[0] ?? '');
    const bootMs = log.thisBoot && !Number.isNaN(uptime) ? now() - uptime * 1000 : undefined;
    const matched = log.lines.filter(isInteresting);
    const kept = matched.slice(-MAX_LINES).map((line) => formatKernelLine(line, bootMs));
    const first = log.lines[0];
    const since = first === undefined ? '' : ` since ${formatKernelLine({ ...first, text: '' }, bootMs).trim()}`;
    const header = `# ${log.source}, ${log.note}: ${log.lines.length} kernel lines${since}, ${matched.length} kept\n`;
    return {
      state: 'ok',
      source: log.source,
      parts: [
        {
          content: header + kept.map((line) => `${line}\n`).join(''),
          ...(matched.length > MAX_LINES
            ? { truncation: { description: `the last ${MAX_LINES} matching lines` } }
            : {}),
        },
      ],
    };
  },
});
