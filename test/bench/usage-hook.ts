import { writeFileSync } from 'node:fs';

// Preloaded into a measured Node process: on exit it leaves the kernel's account of the whole process, threads included.
const file = process.env.BENCH_USAGE_FILE;
if (file !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(
      file,
      JSON.stringify({ user: userCPUTime / 1e6, system: systemCPUTime / 1e6, rssBytes: maxRSS * 1024 }),
    );
  });
}
