import type { Report } from '../../schemas/index.js';
import type { Facts } from '../fact.js';

/** What a table is made from, and what narrows it down. */
export interface ShowInput {
  readonly facts: Facts;
  readonly report: Report;
  /** Name or id of a member; all when absent. */
  readonly member?: string;
  /** Name of a metric, for `metrics`. */
  readonly name?: string;
  /** Epoch ms, for `logs`. */
  readonly around?: number;
  /** Part of a signature id or of a line, for `logs`. */
  readonly grep?: string;
}

/** A table, and the same for programs. */
export interface Shown {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly json: unknown;
  /** Said below the table: what was left out, what the columns mean. */
  readonly note?: string;
}

export type View = (input: ShowInput) => Shown;

/** Members asked for, in the order of the report. */
export const membersOf = ({ report, member }: ShowInput): Report['members'] =>
  report.members.filter(({ id, name }) => member === undefined || id === member || name === member);

export const labelOf = ({ id, name }: Report['members'][number]): string => (name === '' ? id : name);
