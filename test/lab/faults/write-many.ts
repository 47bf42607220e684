import type { EtcdClient } from '../../support/etcd-client.js';

export interface Writing {
  /** Key of the n-th put, from 0. */
  readonly key: (turn: number) => string;
  readonly valueBytes: number;
  /** Stop after so many bytes of values. */
  readonly bytes: number;
}

const PARALLEL = 16;
const NO_SPACE = 'space exceeded';

/** Put values until `bytes` are written or the quota refuses one; other failures throw. */
export async function writeMany(client: EtcdClient, writing: Writing): Promise<'written' | 'refused'> {
  const value = Buffer.alloc(writing.valueBytes, 'v');
  const count = Math.ceil(writing.bytes / writing.valueBytes);
  let turn = 0;
  let refused = false;
  const work = async (): Promise<void> => {
    while (turn < count && !refused) {
      const key = Buffer.from(writing.key(turn));
      turn += 1;
      try {
        await client.call('Put', { key, value }, 15_000);
      } catch (error) {
        if (!(error instanceof Error && error.message.includes(NO_SPACE))) throw error;
        refused = true;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return refused ? 'refused' : 'written';
}
