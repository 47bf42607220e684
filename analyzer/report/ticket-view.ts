import type { Report } from '../../schemas/index.js';
import { NONE } from './format.js';
import type { Prepared } from './view.js';
import type { EvidenceView, FindingView } from './view-findings.js';

/** A cause as a ticket tells it: its whole message, and evidence whose missing limit is empty. */
export interface TicketCause extends Omit<FindingView, 'evidence'> {
  readonly evidence: readonly EvidenceView[];
}

/** The causes for tickets, most likely first. The page leaves out of the first one what its summary says already; a ticket repeats it. */
export const ticketCauses = (report: Report, { view }: Prepared): readonly TicketCause[] =>
  [view.first, ...view.otherCauses].flatMap((cause, at) =>
    cause === null
      ? []
      : [
          {
            ...cause,
            message: report.diagnosis.causes[at]?.message ?? cause.message,
            evidence: cause.evidence.map((each) => ({ ...each, limit: each.limit === NONE ? '' : each.limit })),
          },
        ],
  );
