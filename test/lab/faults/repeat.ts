import { existsSync } from 'node:fs';
import type { Cluster } from '../cluster/cluster-types.js';

export interface Repeating {
  /** End after the step in progress; rejects with what a round threw while the lab was alive. */
  readonly stop: () => Promise<void>;
}

/**
 * Run `round` again and again until stopped. A lab that ends is noticed too, so that nothing is started in it any more.
 * `wait` sleeps and is cut short by `stop`; it resolves to false when the round shall not go on.
 */
export function repeat(cluster: Cluster, round: (wait: (ms: number) => Promise<boolean>) => Promise<void>): Repeating {
  let stopped = false;
  let wake: () => void = () => undefined;
  let failure: unknown;
  const alive = (): boolean => !stopped && existsSync(cluster.lab.dir);
  const wait = async (ms: number): Promise<boolean> => {
    if (!alive()) return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return alive();
  };
  const running = (async () => {
    try {
      while (alive()) await round(wait);
    } catch (error) {
      // A round that the end of the lab cut off fails as it must.
      if (existsSync(cluster.lab.dir)) failure = error;
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await running;
      if (failure !== undefined) throw failure;
    },
  };
}
