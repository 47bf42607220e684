/** A byte queue between a pushing producer and one async consumer, with a high-water mark. */
export interface Channel extends AsyncIterable<Uint8Array> {
  readonly push: (chunk: Uint8Array) => void;
  readonly end: () => void;
  /** Drops what is queued and whatever follows: the consumer is gone. */
  readonly discard: () => void;
  /** Resolves when the queue is below its mark; undefined when it is now. */
  readonly drained: () => Promise<void> | undefined;
}

/** `highWater` in bytes: where `drained` begins to hold the producer back; `push` itself never refuses. */
export const createChannel = (highWater: number): Channel => {
  const queue: Uint8Array[] = [];
  let [queued, ended, discarded] = [0, false, false];
  let wakeConsumer: (() => void) | undefined;
  let wakeProducer: (() => void) | undefined;
  const release = (): void => {
    wakeProducer?.();
    wakeProducer = undefined;
  };
  const notify = (): void => {
    wakeConsumer?.();
    wakeConsumer = undefined;
  };
  const iterate = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = queue.shift();
        if (chunk !== undefined) {
          queued -= chunk.length;
          if (queued < highWater) release();
          yield chunk;
        } else if (ended) return;
        else
          await new Promise<void>((resolve) => {
            wakeConsumer = resolve;
          });
      }
    } finally {
      discard();
    }
  };
  const discard = (): void => {
    discarded = true;
    queue.length = 0;
    queued = 0;
    release();
  };
  return {
    push: (chunk) => {
      if (discarded || ended) return;
      queue.push(chunk);
      queued += chunk.length;
      notify();
    },
    end: () => {
      ended = true;
      notify();
    },
    discard,
    drained: () =>
      queued < highWater
        ? undefined
        : new Promise<void>((resolve) => {
            wakeProducer = resolve;
          }),
    [Symbol.asyncIterator]: iterate,
  };
};
