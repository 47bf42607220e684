import { arch, hostname, release } from 'node:os';
import { needsLinux } from '../../local-files.js';
import { kibibytes, parseColonLines } from '../../ports/process.js';
import { defineProbe } from '../../probe.js';

/** PRETTY_NAME of os-release(5). */
const prettyName = (text: string | undefined): string =>
  /^PRETTY_NAME=["']?([^"'\n]*)/m.exec(text ?? '')?.[1] ?? 'unknown';

export default defineProbe({
  kind: 'host-os',
  scope: 'host',
  title: 'Operating system, kernel and uptime of the host',
  reads: 'os-release, kernel release, uptime, boot id, DMI vendor, memory size',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: needsLinux,
  source: () => '/etc/os-release, /proc, /sys/class/dmi/id',
  run: async ({ files, now }) => {
    const [etc, usr, uptime, bootId, vendor, product, hypervisor, meminfo, initCgroup, dockerMark, podmanMark] =
      files.readPseudo([
        '/etc/os-release',
        '/usr/lib/os-release',
        '/proc/uptime',
        '/proc/sys/kernel/random/boot_id',
        '/sys/class/dmi/id/sys_vendor',
        '/sys/class/dmi/id/product_name',
        '/sys/hypervisor/type',
        '/proc/meminfo',
        '/proc/1/cgroup',
        '/.dockerenv',
        '/run/.containerenv',
      ]);
    const virtualization = [vendor, product, hypervisor].flatMap((text) => text?.trim() || []).join(' ');
    const memory = parseColonLines(meminfo ?? '');
    const memoryTotalBytes = kibibytes(memory['MemTotal']);
    const swapTotalBytes = kibibytes(memory['SwapTotal']);
    const container =
      dockerMark !== undefined ||
      podmanMark !== undefined ||
      /docker|kubepods|containerd|libpod|lxc/.test(initCgroup ?? '');
    return {
      state: 'ok',
      source: '/etc/os-release, /proc, /sys/class/dmi/id',
      parts: [
        {
          content: {
            hostname: hostname(),
            os: prettyName(etc ?? usr),
            kernel: release(),
            arch: arch(),
            uptimeSeconds: Number.parseFloat(uptime ?? '0'),
            bootId: bootId?.trim() ?? '',
            ...(virtualization === '' ? {} : { virtualization }),
            container,
            time: new Date(now()).toISOString(),
            timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
            ...(memoryTotalBytes === undefined ? {} : { memoryTotalBytes }),
            ...(swapTotalBytes === undefined ? {} : { swapTotalBytes }),
          },
        },
      ],
    };
  },
});
