/**
 * Tests on counts. Observations of one process in one window are not independent (a stall makes many calls slow in a row), so each takes
 * `dependence`: how many observations are worth one independent one.
 */

/** Two-sided p value of a standard normal deviate. Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.2.17; error below 1e-7. */
export const twoSidedP = (z: number): number => {
  const x = Math.abs(z);
  const t = 1 / (1 + 0.2316419 * x);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.min(1, (2 * Math.exp((-x * x) / 2) * poly) / Math.sqrt(2 * Math.PI));
};

export interface RankTest {
  /** Probability that an observation of `b` is larger than one of `a`, ties counted half (Vargha and Delaney's A). 0.5 = no difference. */
  readonly superiority: number;
  readonly p: number;
}

/** Mann-Whitney U on counts per bucket, both in the same buckets; ties (the same bucket) corrected. Null without observations on a side. */
export const mannWhitney = (a: readonly number[], b: readonly number[], dependence: number): RankTest | null => {
  const sum = (list: readonly number[]): number => list.reduce((total, count) => total + count, 0);
  const [n, m] = [sum(a), sum(b)];
  if (n <= 0 || m <= 0) return null;
  let below = 0;
  let u = 0;
  let ties = 0;
  a.forEach((count, i) => {
    const other = b[i] ?? 0;
    u += other * (below + count / 2);
    below += count;
    ties += (count + other) ** 3 - (count + other);
  });
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  const z = variance <= 0 ? 0 : (u - (n * m) / 2) / Math.sqrt(variance * dependence);
  return { superiority: u / (n * m), p: twoSidedP(z) };
};

/** Wilson's score interval of a share. Wilson, JASA 22 (1927). */
const wilson = (share: number, n: number, z: number): readonly [number, number] => {
  const centre = share + (z * z) / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
};

/** Lower end of the interval for the growth of a share from `k1` of `n1` to `k2` of `n2`. Newcombe, Statistics in Medicine 17 (1998), method 10. */
export const shareGrowthAtLeast = (
  [k1, n1]: readonly [number, number],
  [k2, n2]: readonly [number, number],
  dependence: number,
  z: number,
): number => {
  const [p1, p2] = [k1 / n1, k2 / n2];
  const upper = wilson(p1, n1 / dependence, z)[1];
  const lower = wilson(p2, n2 / dependence, z)[0];
  return p2 - p1 - Math.sqrt((p2 - lower) ** 2 + (upper - p1) ** 2);
};

const logFactorial = (n: number): number => {
  let sum = 0;
  for (let i = 2; i <= n; i += 1) sum += Math.log(i);
  return sum;
};

/** From here on the normal approximation is as good as the sum. */
const EXACT_UP_TO = 2000;

/**
 * Two-sided p value for equal rates, `k1` events in `t1` and `k2` in `t2`: given their sum, `k2` is binomial.
 * Przyborowski and Wilenski, Biometrika 31 (1940).
 */
export const poissonRates = (
  [k1, t1]: readonly [number, number],
  [k2, t2]: readonly [number, number],
  dependence: number,
): number => {
  const share = t2 / (t1 + t2);
  const events = Math.round((k1 + k2) / dependence);
  const later = Math.round(k2 / dependence);
  if (events === 0 || !(share > 0) || !(share < 1)) return 1;
  const mean = events * share;
  if (events > EXACT_UP_TO) return twoSidedP(Math.max(0, Math.abs(later - mean) - 0.5) / Math.sqrt(mean * (1 - share)));
  const constant = logFactorial(events);
  let tail = 0;
  const [from, to] = later >= mean ? [later, events] : [0, later];
  for (let k = from; k <= to; k += 1) {
    tail += Math.exp(
      constant - logFactorial(k) - logFactorial(events - k) + k * Math.log(share) + (events - k) * Math.log(1 - share),
    );
  }
  return Math.min(1, 2 * tail);
};
