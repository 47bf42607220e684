import type { Report, ReportFinding } from '../schemas/index.js';
import type { Diagnosis } from './diagnose.js';
import { type Severity, severityRank } from './finding.js';
import type { Policy } from './knowledge/default-policy.js';

export type Verdict = Report['verdict'];

/** The little of the cluster's state that the verdict rests on. */
export interface VerdictInput {
  readonly diagnosis: Diagnosis;
  /** Rule ids with a believed finding, active in the window, that demands action before diagnosis. */
  readonly urgent: ReadonlySet<string>;
  /** Voters that do not answer or know no leader, while the others hold the quorum without one to spare. */
  readonly lostWithoutSpare: ReadonlySet<string>;
  /** true = a majority commits, false = it does not, null = could not be told. */
  readonly hasQuorum: boolean | null;
  readonly quorum: number;
  readonly voters: number;
  /** Voters that answered status, and those whose metrics were read in at least two rounds. */
  readonly votersAnswered: number;
  readonly votersMeasured: number;
  /** What is urgent beyond what the rules say themselves. */
  readonly policy: Policy;
  /** Rules that could not decide although their subject exists. */
  readonly undecided: number;
  /** Set when nothing was collected and all evidence was imported from other tools. */
  readonly imported?: ImportedEvidence;
}

/** What an import can tell less of than a collection. */
export interface ImportedEvidence {
  /** A member list is among it: without one, the number of voters is only that of those seen. */
  readonly votersKnown: boolean;
  /** Voters of which an answer, or the word that there was none, is among it. */
  readonly votersAsked: number;
  /** What the logs show at the end of the evidence, most frequent first. */
  readonly signs: readonly string[];
}

const atLeast = (finding: ReportFinding, severity: Severity): boolean =>
  severityRank(finding.severity) >= severityRank(severity);
const believed = (finding: ReportFinding): boolean => finding.confidence.level !== 'low';

const subjectsOf = (finding: ReportFinding): string =>
  finding.subjects
    .filter((subject) => subject.kind !== 'cluster')
    .map((subject) => subject.name ?? subject.id)
    .join(', ');

const headlineOf = (finding: ReportFinding): string => {
  const who = subjectsOf(finding);
  return who === '' ? finding.title : `${finding.title}: ${who}`;
};

/** Decides the verdict; every criterion that was weighed stays in the report, the deciding ones marked. */
export const decideVerdict = (input: VerdictInput): Verdict => {
  const { causes, symptoms } = input.diagnosis;
  const { intervene, name: policyName } = input.policy;
  const active = [...causes, ...symptoms].filter((finding) => finding.when === 'now');
  // A cause inherits the urgency of what folds under it: a fault that costs the quorum is as urgent as the lost quorum.
  const isUrgent = (cause: ReportFinding): boolean =>
    (input.urgent.has(cause.rule) && atLeast(cause, 'high')) ||
    cause.explains.some(
      (effect) => input.urgent.has(effect.rule) && severityRank(effect.severity as Severity) >= severityRank('high'),
    );
  // What took the last spare away is as urgent as the next failure would be.
  const tookSpare = (cause: ReportFinding): boolean =>
    atLeast(cause, 'high') &&
    cause.subjects.some(({ kind, id }) => kind === 'member' && input.lostWithoutSpare.has(id));
  const named = (cause: ReportFinding): boolean => intervene.alsoCauses.includes(cause.rule);
  const sure = (cause: ReportFinding): boolean =>
    believed(cause) && (intervene.minimumConfidence === 'medium' || cause.confidence.level === 'high');
  const urgent = causes.filter(
    (cause) =>
      cause.when === 'now' &&
      sure(cause) &&
      !intervene.neverCauses.includes(cause.rule) &&
      (isUrgent(cause) || named(cause) || (intervene.lastSpareLost && tookSpare(cause))),
  );
  const confirmed = active.filter((finding) => believed(finding) && atLeast(finding, 'warning'));
  const suspected = causes.filter((cause) => cause.when === 'now' && !believed(cause) && atLeast(cause, 'warning'));
  const over = [...causes, ...symptoms].filter(
    (finding) => finding.when === 'past' && believed(finding) && atLeast(finding, 'warning'),
  );
  const { imported } = input;
  const seenEnough =
    input.voters > 0 && input.votersMeasured >= input.quorum && (imported === undefined || imported.votersKnown);
  // A voter that says nothing, and nothing that says why: no word about its health.
  const silent = input.votersAnswered < input.voters;
  const quorumLost = input.hasQuorum === false;

  const kind: Verdict['kind'] =
    urgent.length > 0 || (quorumLost && intervene.quorumLost && confirmed.length > 0)
      ? 'intervene-now'
      : confirmed.length > 0
        ? 'investigate'
        : suspected.length > 0 || !seenEnough || silent
          ? 'inconclusive'
          : over.length > 0
            ? 'transient'
            : // What somebody chose to hand over cannot show that nothing else is wrong.
              imported !== undefined
              ? 'inconclusive'
              : 'healthy';

  const criteria: Verdict['criteria'] = [
    {
      id: 'quorum-lost',
      text: 'A majority of the voters cannot commit',
      met: input.hasQuorum === null ? null : quorumLost,
      decisive: kind === 'intervene-now' && quorumLost && intervene.quorumLost,
    },
    {
      id: 'urgent-cause',
      text:
        urgent.length > 0
          ? `A confirmed cause that destroys data or availability: ${urgent.map((cause) => cause.rule).join(', ')}`
          : 'A confirmed cause that destroys data or availability',
      met: urgent.length > 0,
      decisive: kind === 'intervene-now' && urgent.length > 0,
    },
    ...(intervene.alsoCauses.length === 0 && intervene.neverCauses.length === 0
      ? []
      : [
          {
            id: 'policy',
            text: `The policy ${policyName} calls for action at once on: ${intervene.alsoCauses.join(', ') || 'no further cause'}${intervene.neverCauses.length === 0 ? '' : `; never on ${intervene.neverCauses.join(', ')} alone`}`,
            met: causes.some(named),
            decisive: kind === 'intervene-now' && urgent.some(named),
          },
        ]),
    {
      id: 'confirmed-fault',
      text: 'A fault of severity warning or above, active in the sampling window, with at least medium confidence',
      met: confirmed.length > 0,
      decisive: kind === 'investigate',
    },
    {
      id: 'suspected-fault',
      text: 'A fault is suspected, but the evidence does not carry it',
      met: suspected.length > 0,
      decisive: kind === 'inconclusive' && suspected.length > 0,
    },
    {
      id: 'enough-evidence',
      text: `Metrics of at least a majority (${input.quorum} of ${input.voters} voters) were read twice or more; read: ${input.votersMeasured}`,
      met: seenEnough,
      decisive: (kind === 'inconclusive' && !seenEnough) || kind === 'healthy',
    },
    {
      id: 'silent-voter',
      text: `Every voter answered: ${input.votersAnswered} of ${input.voters}`,
      met: imported?.votersAsked === 0 ? null : !silent,
      decisive: kind === 'inconclusive' && seenEnough && silent && suspected.length === 0,
    },
    {
      id: 'past-fault',
      text: 'A fault is on record before the sampling window, and the window is clean',
      met: over.length > 0 && active.filter((finding) => atLeast(finding, 'warning')).length === 0,
      decisive: kind === 'transient',
    },
  ];

  if (imported !== undefined)
    criteria.push({
      id: 'collected',
      text: 'The evidence was collected for a diagnosis; it was imported from other tools',
      met: false,
      decisive: kind === 'inconclusive' && seenEnough && !silent && suspected.length === 0,
    });
  return { kind, ...wording(kind, input, { urgent, confirmed, suspected, over }), criteria };
};

interface Groups {
  readonly urgent: readonly ReportFinding[];
  readonly confirmed: readonly ReportFinding[];
  readonly suspected: readonly ReportFinding[];
  readonly over: readonly ReportFinding[];
}

const quorumSentence = (input: VerdictInput): string =>
  input.hasQuorum === null && input.imported?.votersAsked === 0
    ? 'Whether quorum holds cannot be told: no answer of a member is among what was imported.'
    : answeredSentence(input);

const answeredSentence = (input: VerdictInput): string =>
  input.hasQuorum === true
    ? `Quorum holds (${input.votersAnswered} of ${input.voters} voters answered, ${input.quorum} needed).`
    : input.hasQuorum === false
      ? `Quorum is lost (${input.votersAnswered} of ${input.voters} voters answered, ${input.quorum} needed).`
      : `Whether quorum holds could not be told (${input.votersAnswered} of ${input.voters} voters answered).`;

/** Whether restoring or rebuilding is justified when something must be done at once: for damaged data and a lost quorum, else not. */
const recoveryNow = (first: ReportFinding | undefined, hasQuorum: boolean | null): Verdict['recovery'] => {
  const keep = 'Act now, in the order of the steps given. Keep this bundle: recovery destroys evidence.';
  if (first?.category === 'integrity' || hasQuorum === false) return { justified: true, text: keep };
  if (hasQuorum === null)
    return { justified: null, text: `${keep} Whether a majority holds could not be told: do not restore yet.` };
  return {
    justified: false,
    text: `${keep} A majority answers and has the data: restoring a backup or rebuilding the cluster is not justified.`,
  };
};

const seenSentence = ({ votersMeasured, voters, imported }: VerdictInput): string => {
  if (imported === undefined) return `Metrics of ${votersMeasured} of ${voters} voters were read.`;
  const seen =
    votersMeasured === 0
      ? 'Two scrapes of no member are among what was imported.'
      : `Two scrapes or more of ${votersMeasured} of ${imported.votersKnown ? voters : 'an unknown number of'} voters were imported.`;
  return imported.signs.length === 0 ? seen : `${seen} The logs end with: ${imported.signs.join(', ')}.`;
};

const wording = (
  kind: Verdict['kind'],
  input: VerdictInput,
  groups: Groups,
): Pick<Verdict, 'headline' | 'summary' | 'recovery'> => {
  const quorum = quorumSentence(input);
  switch (kind) {
    case 'intervene-now': {
      const first = groups.urgent[0] ?? groups.confirmed[0];
      return {
        headline: first === undefined ? 'Quorum is lost' : headlineOf(first),
        summary: `${first?.message ?? ''} ${quorum}`.trim(),
        recovery: recoveryNow(first, input.hasQuorum),
      };
    }
    case 'investigate': {
      const first = groups.confirmed[0] as ReportFinding;
      return {
        headline: headlineOf(first),
        summary: `${first.message} ${quorum}`,
        recovery: {
          justified: false,
          text:
            input.hasQuorum === true
              ? 'A majority answers: find and remove the cause. Restoring, replacing or rebuilding members is not justified by this evidence.'
              : 'Find and remove the cause. Whether a majority answers could not be told; restoring or rebuilding members is not justified by this evidence.',
        },
      };
    }
    case 'transient': {
      const first = groups.over[0] as ReportFinding;
      return {
        headline: `It is over: ${headlineOf(first)}`,
        summary: `${first.message} The sampling window is clean. ${quorum}`,
        recovery: { justified: false, text: 'Nothing to recover from. Find out why it happened before it comes back.' },
      };
    }
    case 'inconclusive': {
      const first = groups.suspected[0];
      const past = input.imported === undefined ? undefined : groups.over[0];
      const told = first ?? past;
      return {
        headline:
          first !== undefined
            ? `Not proven: ${headlineOf(first)}`
            : past !== undefined
              ? `It was so, and whether it still is cannot be told: ${headlineOf(past)}`
              : 'The evidence is not enough to judge this cluster',
        summary: `${told === undefined ? '' : `${told.message} `}${seenSentence(input)} ${quorum}`.trim(),
        recovery: {
          justified: null,
          text: 'Get the missing evidence named under Coverage first; do not recover on this basis.',
        },
      };
    }
    case 'healthy':
      return {
        headline: 'No fault found',
        summary: `${quorum} Metrics of ${input.votersMeasured} of ${input.voters} voters were read in the window.${input.undecided > 0 ? ` ${input.undecided} checks could not be decided for lack of evidence.` : ''}`,
        recovery: { justified: false, text: 'Nothing to recover from. Keep this bundle as a baseline.' },
      };
  }
};
