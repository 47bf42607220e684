/** What varies from line to line. */
export interface LineValues {
  readonly n: number;
  /** RFC 3339, milliseconds. */
  readonly stamp: string;
  /** Go duration. */
  readonly took: string;
  readonly key: string;
  readonly size: number;
  readonly peer: string;
  readonly revision: bigint;
}

/** One kind of line and its share of all lines, 0 to 1. */
export interface Share {
  readonly share: number;
  readonly line: (values: LineValues) => string;
}

export const PEERS: readonly string[] = ['8e9e05c52164694d', '9cb128de476731a6', 'd3f1a9c0b2e47765'];

/** Go's spelling of a duration. */
export function duration(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(6)}ms` : `${seconds.toFixed(9)}s`;
}
