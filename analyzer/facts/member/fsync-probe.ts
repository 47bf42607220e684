import { absent, defineFact, observed } from '../../fact.js';
import { nameOf, readAll, sourceOf } from '../access.js';

export default defineFact({
  scope: 'member',
  id: 'fsyncProbe',
  title: 'fdatasync times measured beside the member’s WAL or data',
  artifacts: ['fsync-probe'],
  derive: (ctx) => {
    const host = ctx.case.members.find((member) => member.id === ctx.id)?.host;
    if (host === undefined) return absent('fsync-probe', `no collector ran on the host of ${nameOf(ctx.case, ctx.id)}`);
    const read = readAll(ctx.case, 'fsync-probe', host);
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    const { measurements } = latest.value;
    const on = (role: 'wal' | 'data') =>
      measurements.findIndex(({ dirs }) => dirs.some((dir) => dir.memberId === ctx.id && dir.role === role));
    const role = on('wal') >= 0 ? 'wal' : 'data';
    const found = measurements[on(role)];
    if (found === undefined)
      return absent('fsync-probe', `nothing was measured beside the data of ${nameOf(ctx.case, ctx.id)}`);
    const { latency } = found;
    return observed(
      {
        role,
        writes: found.writes,
        meanMs: latency.meanMs ?? null,
        p50Ms: latency.p50Ms ?? null,
        p99Ms: latency.p99Ms ?? null,
        maxMs: latency.maxMs ?? null,
        pendingMs: found.pendingMs ?? null,
        ended: found.ended,
        device: found.device,
      },
      [sourceOf(latest, `/measurements/${on(role)}`)],
    );
  },
});
