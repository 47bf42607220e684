/** Kernel messages that bear on etcd: memory, storage, stalls, clocks. */

const interesting = new RegExp(
  [
    'out of memory',
    'oom[-_ ]kill',
    'oom_reaper',
    'memory cgroup out',
    'killed process',
    'i/o error',
    'blk_update_request',
    'buffer i/o',
    'ext4-fs (error|warning)',
    'ext4-fs.*remount',
    'jbd2',
    'xfs.*(error|corrupt|shutdown|shutting down)',
    'btrfs.*(error|corrupt)',
    'nvme.*(timeout|reset|abort|i/o)',
    'ata\\d.*(exception|error|reset|failed)',
    'scsi.*(timeout|error|reset|abort)',
    'sd [a-z0-9:]+.*(fail|error|reset)',
    'virtio_blk.*(error|timeout|reset)',
    'no space left',
    'hung_task|blocked for more than',
    'remount.*read-only',
    'soft lockup',
    'hard lockup',
    'rcu.*(stall|self-detected)',
    'clocksource',
    'tsc.*unstable',
    'page allocation (failure|stall)',
    'nf_conntrack.*table full',
    'possible syn flooding',
    'link is (down|up)',
    'segfault',
    'machine check|mce:',
    'too many open files|file-max limit',
    'thermal.*throttl',
  ].join('|'),
  'i',
);

export interface KernelLine {
  /** Seconds after boot, when the line says it. */
  readonly bootSeconds?: number;
  /** Wall clock as written in a log file, kept as it is. */
  readonly prefix?: string;
  readonly text: string;
}

export const isInteresting = ({ text }: KernelLine): boolean => interesting.test(text);

/**
 * One record of /dev/kmsg, `priority,sequence,microseconds,flags;text` and optional continuation lines. Records that user space wrote
 * (facility other than 0) are `undefined`: they are not the kernel's word.
 */
export const parseKmsgRecord = (record: string): KernelLine | undefined => {
  const parts = /^(\d+),\d+,(\d+),[^;]*;([^\n]*)/.exec(record);
  if (parts?.[1] === undefined || parts[2] === undefined || Number(parts[1]) >> 3 !== 0) return undefined;
  return { bootSeconds: Number(parts[2]) / 1e6, text: parts[3] ?? '' };
};

/** A line of kern.log or messages (`... kernel: [ 12.3] text`, the bracket optional) or of dmesg (`[ 12.3] text`). */
export const parseKernelLogLine = (line: string): KernelLine | undefined => {
  const parts = /^(?:(.*?)\bkernel: )?(?:\[\s*(\d+\.\d+)\] )?(.*)$/.exec(line);
  const [, prefix, seconds, text] = parts ?? [];
  if (text === undefined || (prefix === undefined && seconds === undefined)) return undefined;
  return {
    ...(seconds === undefined ? {} : { bootSeconds: Number(seconds) }),
    ...(prefix === undefined ? {} : { prefix: prefix.trim() }),
    text,
  };
};

/**
 * `<UTC time> [<seconds after boot>] <text>`. `bootMs` is when the host booted, ms since epoch; pass it only for lines of this boot. A
 * line without either keeps the prefix of its file.
 */
export const formatKernelLine = ({ bootSeconds, prefix, text }: KernelLine, bootMs: number | undefined): string => {
  const printable = text.replace(/\p{Cc}/gu, ' ').slice(0, 1000);
  const seconds = bootSeconds === undefined ? '' : `[${bootSeconds.toFixed(6)}] `;
  if (bootSeconds !== undefined && bootMs !== undefined) {
    return `${new Date(bootMs + bootSeconds * 1000).toISOString()} ${seconds}${printable}`;
  }
  return `${prefix === undefined || prefix === '' ? '' : `${prefix} `}${seconds}${printable}`;
};
