import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';
import { trueOfMachine } from '../machine-truth.js';
import type { AccuracyFile, ScoredRun } from './record.js';
import { openText, scenarioRows, secondsText, tallyText } from './table.js';
import {
  asWritten,
  columnsOf,
  faultsOf,
  groupedBy,
  metricNames,
  modeNames,
  saidText,
  tallies,
  tellers,
  unsteady,
  versionsText,
} from './tally.js';

/** Text of a cell or a line: nothing in it is Markdown. */
const plain = (text: string): string =>
  text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_<>|[\]]/g, (sign) => `\\${sign}`)
    .trim();

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.map(plain).join(' | ')} |`),
];

const heads = [...metricNames.map(({ title }) => title), 'causes left open'];

const summary = (runs: readonly ScoredRun[]): string[] =>
  table(
    ['etcd', 'evidence', 'by', ...heads, 's to report'],
    columnsOf(runs).flatMap(({ line, mode, runs: own }) =>
      tellers.flatMap(({ id, title }) => {
        const all = tallies(own, id);
        if (all.runs === 0) return [];
        const cells = metricNames.map(({ metric }) => tallyText(all[metric]));
        return [
          [line, modeNames[mode], title, ...cells, openText(all.open), id === 'analyzer' ? secondsText(own) : ''],
        ];
      }),
    ),
  );

const families = (runs: readonly ScoredRun[]): string[] =>
  table(
    ['family', 'scenarios', ...tellers.map(({ title }) => `top-1, ${title}`), 'member', 'verdict', 'clean'],
    groupedBy(runs, ({ family }) => family).map(([family, own]) => {
      const all = tallies(own);
      return [
        family,
        String(new Set(own.map(({ scenario }) => scenario)).size),
        ...tellers.map(({ id }) => tallyText(tallies(own, id).top1)),
        ...[all.member, all.verdict, all.clean].map(tallyText),
      ];
    }),
  );

const scenarios = (runs: readonly ScoredRun[]): string[] =>
  groupedBy(runs, ({ family }) => family).flatMap(([family, own]) => {
    const { head, rows } = scenarioRows(own);
    const alternatives = tellers.filter(({ id }) => id !== 'analyzer');
    return [
      '',
      `### ${family}`,
      '',
      ...table(
        ['scenario', 'what is done', ...head.slice(1), ...alternatives.map(({ title }) => `top-1, ${title}`)],
        rows.map((row) => {
          const same = own.filter(({ scenario }) => scenario === row[0]);
          const counts = alternatives.map(({ id }) => {
            const { right, of } = tallies(same, id).top1;
            return of === 0 ? '-' : `${right}/${of}`;
          });
          return [row[0] ?? '', same[0]?.title ?? '', ...row.slice(1), ...counts];
        }),
      ),
    ];
  });

const misses = (runs: readonly ScoredRun[]): string[] => {
  const wrong = runs.filter((run) => faultsOf(run).length > 0);
  if (wrong.length === 0) return [runs.length === 0 ? 'Nothing was scored.' : 'None.'];
  return table(
    ['scenario', 'etcd', 'evidence', 'wrong', 'said', 'true', 'not supported'],
    wrong.map((run) => [
      run.run > 1 ? `${run.scenario} (run ${run.run})` : run.scenario,
      run.line,
      modeNames[run.mode],
      faultsOf(run).join(', '),
      saidText(run),
      `${run.truth.verdict.join(' or ')}: ${run.truth.causes.join(' or ') || 'no cause'}${run.targets.length === 0 ? '' : ` (${run.targets.join(', ')})`}`,
      run.falseAlarms.map(({ rule, severity, role }) => `${rule} (${severity} ${role})`).join('; '),
    ]),
  );
};

const reasons = (): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(packageRoot, 'test', 'lab', 'accuracy', 'exceptions.json'), 'utf8')) as Record<
    string,
    string
  >;

/** The labs share a machine, which suffers from its own neighbours. */
const machine = (runs: readonly ScoredRun[]): string[] => {
  const watched = runs.filter((run) => run.machine !== undefined);
  const disturbed = watched.filter((run) => trueOfMachine(run.machine).length > 0);
  const unwatched = runs.length - watched.length;
  return [
    `The labs share one machine, which was watched apart from the collector (CPU withheld by its hypervisor, CPU used by others) in ${watched.length} of these`,
    `reports. In ${disturbed.length} of them it was short of CPU in itself; a report that names that is neither right nor wrong for it, and its verdict does not count`,
    `where it comes first.${unwatched === 0 ? '' : ' In the others, a report that names the CPU beside the cause counts as wrong, though its CPU may have been short.'}`,
  ];
};

/** What was wrong and why; a scenario without a reason is one that is not understood yet. */
const exceptions = (runs: readonly ScoredRun[]): string[] => {
  const wrong = groupedBy(
    runs.filter((run) => faultsOf(run).length > 0),
    ({ scenario }) => scenario,
  );
  if (wrong.length === 0) return [];
  return [
    '',
    '## Exceptions, and why',
    '',
    ...table(
      ['scenario', 'reason'],
      wrong.map(([scenario]) => [scenario, reasons()[scenario] ?? 'not understood yet']),
    ),
  ];
};

const lesser = (runs: readonly ScoredRun[]): string[] => {
  const known = groupedBy(
    runs.filter(({ truth }) => truth.fromOneNode !== undefined),
    ({ scenario }) => scenario,
  );
  if (known.length === 0) return [];
  return [
    '',
    '## What one node cannot tell',
    '',
    ...table(
      ['scenario', 'right from one node', 'missing'],
      known.map(([scenario, [run]]) => {
        const part = run?.truth.fromOneNode;
        return [
          scenario,
          `${part?.verdict.join(' or ') ?? ''}: ${part?.causes.join(' or ') || 'no cause'}`,
          part?.missing ?? '',
        ];
      }),
    ),
  ];
};

const strengths = (file: AccuracyFile): string[] => {
  const runs = file.runs.filter(({ strength }) => strength !== 1).sort((a, b) => a.strength - b.strength);
  if (runs.length === 0) return [];
  const wrong = runs.filter(({ scores }) => scores.safe === false);
  return [
    '',
    '## The same faults weaker and stronger',
    '',
    'Right is the true cause; silent is no cause at all. Another cause is wrong.',
    '',
    ...table(
      ['strength', 'right', 'right or silent'],
      groupedBy(runs, ({ strength }) => String(strength)).map(([strength, own]) => {
        const { top1, safe } = tallies(own);
        return [`x ${strength}`, tallyText(top1), tallyText(safe)];
      }),
    ),
    ...(wrong.length === 0
      ? []
      : [
          '',
          ...wrong.map(
            (run) =>
              `- ${plain(`${run.scenario} x ${run.strength}, etcd ${run.line}, ${modeNames[run.mode]}: ${saidText(run)}`)}`,
          ),
        ]),
  ];
};

const repeats = (file: AccuracyFile): string[] => {
  const most = Math.max(1, ...file.runs.map(({ run }) => run));
  if (most < 2) return [];
  const differing = unsteady(file);
  return [
    '',
    '## Repeated runs',
    '',
    `Up to ${most} runs of a scenario. ${differing.length === 0 ? 'Every repetition gave the same verdict and first cause.' : 'Answered differently:'}`,
    ...(differing.length === 0 ? [] : ['']),
    ...differing.map(
      ({ scenario, line, mode, strength, answers }) =>
        `- ${plain(`${scenario}${strength === 1 ? '' : ` x ${strength}`}, etcd ${line}, ${modeNames[mode]}: ${answers.map(([answer, times]) => `${times}x ${answer}`).join('; ')}`)}`,
    ),
  ];
};

const untaken = (file: AccuracyFile): string[] =>
  file.untaken.length === 0
    ? []
    : [
        '',
        '## Not scored',
        '',
        ...table(
          ['scenario', 'etcd', 'why'],
          file.untaken.map(({ scenario, line, problem, unsupported }) => [
            scenario,
            line,
            `${unsupported ? 'not on this machine' : 'broke'}: ${problem}`,
          ]),
        ),
      ];

/** `docs/generated/accuracy.md`; made for any part of the grid. */
export const markdownPage = (file: AccuracyFile): string => {
  const runs = asWritten(file);
  return `${[
    '<!-- Generated by `npm run accuracy`; do not edit. -->',
    '',
    '# Accuracy',
    '',
    `What the collector and the analyzer say about clusters of which it is known what was done to them: ${file.runs.length} reports on`,
    `${new Set(file.runs.map(({ scenario }) => scenario)).size} scenarios, etcd ${versionsText(file.runs)}, Node ${file.node}.`,
    '',
    '- **top-1**, **top-3**: the first cause (one of the first three) is a true one; with nothing wrong, none is named.',
    '- **member**: the first cause is about the members it was done to and no others. **verdict**: it is a right one.',
    '- **alarm**: somebody is called exactly when somebody should be. **quiet**: healthy controls without call and without false alarm.',
    '- **clean**: reports without a cause, symptom or risk of severity warning or above that the truth does not support.',
    '- **causes left open**: among how many causes the first answer still leaves the choice.',
    '- *all nodes*: one bundle per node, merged; *one node*: the bundle of one node, of a healthy member where there is one.',
    '',
    'Rules and some truths were mended with the help of runs on 3.5, which are among those counted here: figures of lines and scenarios that',
    'were new to them tell more.',
    '',
    ...machine(runs),
    '',
    '## By version and evidence',
    '',
    ...summary(runs),
    '',
    'The alternatives look at the same bundles. They get the credit that a knowledgeable reader would give them: an answer that leaves several',
    'causes open counts as right when one of them is true, and alerts on causes are read before alerts on symptoms.',
    '',
    '- **etcd mixin alerts**: the alert conditions of etcd’s monitoring mixin (main, August 2026) over the scrapes of the bundle. A rate is',
    '  taken over the sampling window, `for:` counts as met, calls of the collector itself are left out.',
    '- **log counting**: known messages of the window vote for the causes they point to, with the logarithm of their number, shared by the',
    '  causes they leave open. It alarms at five warnings or one error.',
    '- **member checks**: what etcd-diagnosis checks: member lists, status and indexes equal, size against quota, reads answered. What it',
    '  only prints alarms nobody.',
    '',
    '## By family',
    '',
    ...families(runs),
    '',
    '## Scenarios',
    '',
    'A cell says what was wrong, or `ok`.',
    ...scenarios(runs),
    '',
    '## Misses',
    '',
    ...misses(runs),
    ...exceptions(runs),
    ...lesser(runs),
    ...strengths(file),
    ...repeats(file),
    ...untaken(file),
    '',
    '## Reproduce',
    '',
    'As root on a Linux machine (every member gets namespaces and a disk of its own):',
    '',
    '```sh',
    'npm run accuracy -- --versions 3.4,3.5,3.6,3.7 --write  # all scenarios; writes this page and its data',
    'npm run accuracy -- --quick                             # the part that CI runs',
    '```',
    '',
    'It exits non-zero below `test/lab/accuracy/floor.json`. Faults, loads and scenarios are in `test/lab/`; what was done and what is true',
    'is data there.',
  ].join('\n')}\n`;
};
