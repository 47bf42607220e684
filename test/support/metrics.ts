/** One sample line of the Prometheus text format. */
export type Sample = { name: string; labels: Record<string, string>; value: number };

/** Parse a scrape. Lines that are no samples are skipped: this is for tests against a live etcd. */
export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line);
    if (match === null) continue;
    const labels: Record<string, string> = {};
    for (const [, key, value] of (match[2] ?? '').matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
      if (key !== undefined && value !== undefined) labels[key] = value;
    }
    samples.push({ name: match[1] ?? '', labels, value: Number(match[3]) });
  }
  return samples;
}

/** Sum of all samples of a name whose labels include `labels`; 0 if there is none. */
export function metricSum(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels);
  return samples
    .filter((sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, sample) => sum + sample.value, 0);
}

/** Mean of a histogram between two scrapes, in milliseconds for a histogram in seconds; NaN without an observation. */
export function windowMeanMs(before: readonly Sample[], after: readonly Sample[], histogram: string): number {
  const delta = (suffix: string) => metricSum(after, histogram + suffix) - metricSum(before, histogram + suffix);
  return (delta('_sum') / delta('_count')) * 1000;
}
