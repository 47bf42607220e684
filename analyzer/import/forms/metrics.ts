import { momentOfScrape } from '../moments.js';
import type { Hint, Piece, Recognised, Who } from '../types.js';
import { idOfHex } from '../values.js';

/** A sample of the text format; a name without an underscore is more likely a word. */
const SAMPLE =
  /^([a-zA-Z:][a-zA-Z0-9:]*_[a-zA-Z0-9_:]*)(\{[^}]*(?:"[^"]*"[^}]*)*\})?\s+(?:[+-]?(?:\d[\d.eE+-]*|Inf)|NaN)(?:\s+\d+)?\s*$/;
const COMMENT = /^# (?:HELP|TYPE) (\S+)/;
const SERVER = /^etcd_(?:server|disk|network|mvcc|debugging|snap|cluster|grpc(?!_proxy))_/;

export const isMetricLine = (line: string): boolean => SAMPLE.test(line) || COMMENT.test(line) || line === '# EOF';

const nameOf = (line: string): string => SAMPLE.exec(line)?.[1] ?? '';

/** Several scrapes in one text: where a series comes again, the next one has begun. */
export const splitScrapes = (lines: readonly string[]): string[] => {
  const scrapes: string[][] = [[]];
  let seen = new Set<string>();
  for (const line of lines) {
    const sample = SAMPLE.exec(line);
    const comment = COMMENT.exec(line);
    const key =
      sample === null
        ? comment === null
          ? undefined
          : line.slice(0, 7) + comment[1]
        : `${sample[1]}${sample[2] ?? ''}`;
    if (key !== undefined && seen.has(key)) {
      scrapes.push([]);
      seen = new Set();
    }
    if (key !== undefined) seen.add(key);
    scrapes.at(-1)?.push(line);
  }
  return scrapes.filter((scrape) => scrape.length > 0).map((scrape) => `${scrape.join('\n')}\n`);
};

/** Whose scrape it is: a server names itself in `etcd_server_id`. */
const whoOf = (text: string, who: Who): Who => {
  const id = idOfHex(/^etcd_server_id\{[^}]*server_id="([0-9a-f]{1,16})"/m.exec(text)?.[1]);
  return id === undefined ? who : { ...who, id };
};

/** One or several scrapes of an etcd server, whole or a few lines of it. */
export const recogniseMetrics = (lines: readonly string[], hint: Hint): Recognised | { readonly reason: string } => {
  const names = lines.map(nameOf);
  if (!names.some((name) => SERVER.test(name)))
    return {
      reason: names.some((name) => name.startsWith('apiserver_'))
        ? 'metrics of an API server, none of an etcd server'
        : 'metrics, but none of an etcd server (etcd_server_..., etcd_disk_..., ...)',
    };
  const scrapes = splitScrapes(lines);
  const pieces = scrapes.map((text): Piece => {
    // The time of the file is that of the last of several.
    const moment = momentOfScrape(text, scrapes.length === 1 ? hint.moment : undefined);
    return {
      kind: 'metrics',
      about: whoOf(text, hint.who),
      value: text,
      ...(moment === undefined ? {} : { moment }),
      ...(text.includes('# TYPE ') && text.includes('process_start_time_seconds')
        ? {}
        : { lacks: 'an excerpt: a metric that is not in it may well exist' }),
    };
  });
  const excerpt = pieces.some(({ lacks }) => lacks !== undefined);
  const form = `${scrapes.length === 1 ? '/metrics scrape' : `${scrapes.length} /metrics scrapes`}${excerpt ? ' (excerpt)' : ''}`;
  return { form, pieces };
};
