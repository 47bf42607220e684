import type { Cluster } from '../../cluster/cluster-types.js';
import { openPool } from './pool.js';

const TXN_BYTES = 768 * 1024;
const TXN_OPERATIONS = 100;

/** Write `keys` keys of `valueBytes` each under `prefix`, many at a time; throws when the cluster does not take them. */
export async function preload(cluster: Cluster, prefix: string, keys: number, valueBytes: number): Promise<void> {
  const pool = openPool(cluster);
  const value = Buffer.alloc(valueBytes, 'p');
  const size = Math.max(1, Math.min(TXN_OPERATIONS, Math.floor(TXN_BYTES / (valueBytes + 64))));
  try {
    for (let from = 0; from < keys; from += size) {
      const success = Array.from({ length: Math.min(size, keys - from) }, (_, at) => {
        return { requestPut: { key: Buffer.from(`${prefix}${String(from + at).padStart(8, '0')}`), value } };
      });
      await pool.next().call('Txn', { success }, 20_000);
    }
  } finally {
    pool.close();
  }
}
