import { absent, defineFact, observed, type Source } from '../../fact.js';
import { missingOf, nameOf, sourceOf, isNonEmpty, spanOf } from '../access.js';
import { grown, keyValues } from './proc-text.js';

export default defineFact({
  scope: 'host',
  id: 'memory',
  title: 'Available memory, swapping and major faults of the host',
  artifacts: ['meminfo', 'vmstat'],
  derive: (ctx) => {
    const infos = ctx.case.artifacts('meminfo', ctx.id);
    const stats = ctx.case.artifacts('vmstat', ctx.id);
    if (!isNonEmpty(infos) && !isNonEmpty(stats)) return { ok: false, missing: missingOf(ctx.case, 'meminfo', ctx.id) };
    const info = keyValues(infos.at(-1)?.value ?? '');
    const span = isNonEmpty(stats) ? spanOf(stats) : null;
    const first = keyValues(span?.first.value ?? '');
    const last = keyValues(span?.last.value ?? stats.at(-1)?.value ?? '');
    if (info.size === 0 && last.size === 0)
      return absent('meminfo', `meminfo of ${nameOf(ctx.case, ctx.id)}: nothing readable in it`);
    const rate = (name: string): number | null => {
      const delta = grown(last.get(name), first.get(name));
      return delta === null || span === null ? null : delta / span.seconds;
    };
    const text = (name: string): string | null => info.get(name)?.toString() ?? null;
    const total = info.get('MemTotal');
    const available = info.get('MemAvailable');
    const availables = infos.flatMap((artifact) => {
      const value = keyValues(artifact.value).get('MemAvailable');
      return value === undefined ? [] : [value];
    });
    const least = availables.reduce<bigint | null>((min, value) => (min === null || value < min ? value : min), null);
    const kills = last.get('oom_kill');
    const source: Source[] = [
      ...(isNonEmpty(infos) ? [sourceOf(infos.at(-1) ?? infos[0])] : []),
      ...(span === null ? [] : [sourceOf(span.first), sourceOf(span.last)]),
    ];
    return observed(
      {
        totalBytes: text('MemTotal'),
        availableBytes: text('MemAvailable'),
        availableShare:
          total === undefined || available === undefined || total === 0n ? null : Number(available) / Number(total),
        minAvailableBytes: least?.toString() ?? null,
        dirtyBytes: text('Dirty'),
        writebackBytes: text('Writeback'),
        swapTotalBytes: text('SwapTotal'),
        swapFreeBytes: text('SwapFree'),
        swapInPerSecond: rate('pswpin'),
        swapOutPerSecond: rate('pswpout'),
        majorFaultsPerSecond: rate('pgmajfault'),
        oomKills: kills === undefined ? null : Number(kills),
        oomKillsInWindow: span === null ? null : grown(kills, first.get('oom_kill')),
      },
      source,
    );
  },
});
