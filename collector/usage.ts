import type { UsageArtifact } from '../schemas/index.js';

type Footprint = Pick<UsageArtifact, 'elapsedMs' | 'cpuUserMs' | 'cpuSystemMs' | 'maxRssBytes'> &
  Required<Pick<UsageArtifact, 'storageReadBytes' | 'storageWrittenBytes'>>;
type Requests = UsageArtifact['requests'];

export interface UsageMeter {
  /** Own footprint since the meter was made; peak memory and storage are those of the process. */
  readonly read: () => Footprint;
}

/** Unit of ru_inblock and ru_oublock (getrusage(2)), bytes. */
const blockBytes = 512;

const milliseconds = (microseconds: number): number => Math.round(microseconds / 100) / 10;

export const measureUsage = (monotonic: () => number): UsageMeter => {
  const begin = monotonic();
  const cpu = process.cpuUsage();
  return {
    read: () => {
      const { user, system } = process.cpuUsage(cpu);
      const { maxRSS, fsRead, fsWrite } = process.resourceUsage();
      return {
        elapsedMs: Math.round((monotonic() - begin) * 10) / 10,
        cpuUserMs: milliseconds(user),
        cpuSystemMs: milliseconds(system),
        // getrusage counts kilobytes on Linux, and Node passes them on everywhere.
        maxRssBytes: maxRSS * 1024,
        storageReadBytes: fsRead * blockBytes,
        storageWrittenBytes: fsWrite * blockBytes,
      };
    },
  };
};

/** Adds up request counts of several ports by member and phase. */
export const mergeRequests = (...counts: readonly Readonly<Requests>[]): Requests => {
  const sum: Record<string, Record<string, number>> = {};
  for (const count of counts) {
    for (const [member, phases] of Object.entries(count)) {
      const known = sum[member] ?? {};
      for (const [phase, requests] of Object.entries(phases)) known[phase] = (known[phase] ?? 0) + requests;
      sum[member] = known;
    }
  }
  return sum;
};
