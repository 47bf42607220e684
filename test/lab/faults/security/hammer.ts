import type { EtcdClient } from '../../../support/etcd-client.js';
import type { Cluster } from '../../cluster/cluster-types.js';

/** Clients of one process do not call on while so many calls wait; a member that cannot keep up is not buried for minutes. */
const MOST_WAITING = 10;

/**
 * Call again and again, `perSecond` times, whatever the answer, until the returned function is called or the lab ends; closes the
 * client then. The first call must be refused with a text like `refused`: throws what it got instead.
 */
export async function hammer(
  cluster: Cluster,
  client: EtcdClient,
  call: () => Promise<unknown>,
  options: { perSecond: number; refused: RegExp },
): Promise<() => void> {
  const said = await call().then(
    () => 'it worked',
    (error: unknown) => String(error),
  );
  if (!options.refused.test(said)) {
    client.close();
    throw new Error(`a call that should be refused: ${said}`);
  }
  let waiting = 0;
  const stop = (): void => {
    clearInterval(timer);
    client.close();
  };
  const timer = setInterval(() => {
    if (cluster.lab.ended) stop();
    else if (waiting < MOST_WAITING) {
      waiting += 1;
      call()
        .catch(() => undefined)
        .finally(() => {
          waiting -= 1;
        });
    }
  }, 1000 / options.perSecond);
  timer.unref();
  return stop;
}
