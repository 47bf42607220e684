export type Unit =
  | 'ms'
  | 's'
  | 'percent'
  | 'share'
  | 'ratio'
  | 'count'
  | 'per-second'
  | 'bytes'
  | 'days'
  | 'entries'
  | 'cores'
  | 'minutes';

/** One number a rule compares with. */
export interface Threshold {
  readonly value: number;
  readonly unit: Unit;
  /** etcd source or documentation, the upstream mixin, a vendor's guide, or `own estimate` with the reason. */
  readonly source: string;
  /** What a member's own configuration it scales with, in words; the rule does the scaling. */
  readonly scalesWith?: string;
}

const plain = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Math.round(value * 1000) / 1000);

const bytes = (value: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = value;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${plain(Math.round(amount * 10) / 10)} ${units[unit]}`;
};

/** A threshold for people, e.g. `16 ms`, `5 %`, `100 MiB`. */
export const formatThreshold = ({ value, unit }: Threshold): string => {
  switch (unit) {
    case 'share':
      return `${plain(Math.round(value * 1000) / 10)} %`;
    case 'percent':
      return `${plain(value)} %`;
    case 'bytes':
      return bytes(value);
    case 'per-second':
      return `${plain(value)}/s`;
    case 'ratio':
      return `${plain(value)} x`;
    case 'count':
      return plain(value);
    default:
      return `${plain(value)} ${unit}`;
  }
};
