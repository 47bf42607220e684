/** Requests that left this process, by member id and phase. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface RequestCounter {
  /** `round` absent counts under `once`. */
  readonly count: (memberId: string, round?: number) => void;
  readonly requests: () => RequestCounts;
}

export const createRequestCounter = (): RequestCounter => {
  const counts = new Map<string, Map<string, number>>();
  return {
    count: (memberId, round) => {
      const phases = counts.get(memberId) ?? new Map<string, number>();
      const phase = round === undefined ? 'once' : String(round);
      phases.set(phase, (phases.get(phase) ?? 0) + 1);
      counts.set(memberId, phases);
    },
    requests: () => Object.fromEntries([...counts].map(([member, phases]) => [member, Object.fromEntries(phases)])),
  };
};
