import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes, gaugeOf } from '../views.js';

export default defineFact({
  scope: 'member',
  id: 'process',
  title: 'Start, memory, CPU and descriptors as the process reports them',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(
      ctx,
      [
        'process_start_time_seconds',
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'process_open_fds',
        'go_gc_duration_seconds',
      ],
      (scrapes) => {
        const cpu = counterOf(scrapes, 'process_cpu_seconds_total');
        const openFds = gaugeOf(scrapes, 'process_open_fds');
        const maxFds = gaugeOf(scrapes, 'process_max_fds')?.last ?? null;
        const starts: number[] = [];
        for (const { startedAt } of scrapes.all) {
          const before = starts.at(-1);
          if (startedAt !== null && (before === undefined || Math.abs(startedAt - before) > 1500))
            starts.push(startedAt);
        }
        return {
          startedAt: scrapes.last.startedAt,
          restartedInWindow: scrapes.restarted,
          starts,
          uptimeSeconds: scrapes.uptimeSeconds,
          rssBytes: gaugeOf(scrapes, 'process_resident_memory_bytes'),
          heapInuseBytes: gaugeOf(scrapes, 'go_memstats_heap_inuse_bytes'),
          allocBytesPerSecond: counterOf(scrapes, 'go_memstats_alloc_bytes_total')?.perSecond ?? null,
          gcPerSecond: counterOf(scrapes, 'go_gc_duration_seconds_count')?.perSecond ?? null,
          gcMaxPauseSeconds: gaugeOf(scrapes, 'go_gc_duration_seconds', { quantile: '1' })?.last ?? null,
          goroutines: gaugeOf(scrapes, 'go_goroutines'),
          threads: gaugeOf(scrapes, 'go_threads'),
          openFds,
          maxFds,
          fdShare: openFds === null || maxFds === null || maxFds <= 0 ? null : openFds.last / maxFds,
          cpuCores: cpu?.perSecond ?? null,
          cpuCoresSinceStart: cpu?.perSecondSinceStart ?? null,
        };
      },
    ),
});
