import type { Cluster, Member } from '../../cluster/cluster-types.js';

/**
 * Start a member again `seconds` after it has ended, for as long as the lab lives, as a service manager would.
 * Returns what ends that; the member is left as it is then.
 */
export function supervise(cluster: Cluster, member: Member, seconds: number): () => Promise<void> {
  let stopped = false;
  let busy: Promise<void> | undefined;
  let endedAt: number | undefined;
  const timer = setInterval(() => {
    if (stopped || cluster.lab.ended) return clearInterval(timer);
    if (busy !== undefined) return;
    if (member.running) {
      endedAt = undefined;
      return;
    }
    endedAt ??= performance.now();
    if (performance.now() - endedAt < seconds * 1000) return;
    endedAt = undefined;
    // It ends again at once, or the lab has: either way there is nobody to tell.
    busy = member
      .start()
      .catch(() => undefined)
      .finally(() => {
        busy = undefined;
      });
  }, 100);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await busy;
  };
}
