import type { Connection } from './pool.js';
import { prepare, type RawStream } from './raw.js';

export type WatchOptions = {
  /** Whom to ask; called again when the watch broke off. */
  readonly choose: () => Connection;
  readonly prefix: string;
  readonly prevKv?: boolean;
};

const AGAIN_MS = 500;

/** The end of the range of all keys that begin with `prefix`. */
export function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1;
  return end;
}

/** A watch on a prefix, on a stream of its own, that is set up again whenever it breaks off. Returns the function that ends it. */
export function keepWatching({ choose, prefix, prevKv }: WatchOptions): () => void {
  let stream: RawStream | undefined;
  let timer: NodeJS.Timeout | undefined;
  const watch = prepare('Watch', {
    createRequest: { key: Buffer.from(prefix), rangeEnd: endOf(prefix), prevKv: prevKv ?? false },
  });
  let stopped = false;

  const again = () => {
    if (stopped) return;
    timer = setTimeout(() => void begin(), AGAIN_MS * (1 + Math.random()));
  };
  const begin = async () => {
    const connection = choose();
    try {
      const client = await connection.client();
      if (stopped) return;
      stream = client.stream(watch.path, {
        end: () => {
          if (!stopped) connection.failed();
          again();
        },
      });
      stream.write(watch.frame);
    } catch {
      again();
    }
  };
  void begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
    stream?.cancel();
  };
}
