/** `npm run accuracy`: plays the scenarios on real clusters, scores what the programs say of them, and compares with the committed floor. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildCase, readBundle } from '../../../analyzer/index.js';
import { packageRoot } from '../../../schemas/index.js';
import { netnsObstacle } from '../cluster/netns.js';
import { trueOfMachine } from '../machine-truth.js';
import { scenarios } from '../registry.js';
import { committedFloor, floorViolations } from './floor.js';
import { type Judged, judge, readTaken } from './judge.js';
import { parseOptions } from './options.js';
import { markdownPage } from './page.js';
import { type Planned, planRuns } from './plan.js';
import { isTaken, takeAll } from './pool.js';
import { type AccuracyFile, accuracyText, merged, parseAccuracy, type ScoredRun, type Untaken } from './record.js';
import { score, scoreBaselines } from './score.js';
import { textTable } from './table.js';
import { faultsOf, saidText } from './tally.js';
import type { TakenRun } from './taken.js';

const empty: AccuracyFile = { format: 'etcd-evidence/accuracy/1', node: process.version, runs: [], untaken: [] };

const scoreOne = async (planned: Planned, taken: TakenRun, judged: Judged): Promise<ScoredRun> => {
  const against = {
    truth: taken.truth,
    targets: taken.targets,
    members: taken.members,
    machine: trueOfMachine(taken.machine),
    mode: judged.mode,
  };
  const input = buildCase(await Promise.all(judged.files.map((file) => readBundle({ path: file }))));
  const { collect, analyse } = judged.seconds;
  return {
    scenario: planned.scenario.id,
    title: planned.scenario.title,
    family: planned.scenario.family,
    line: planned.line,
    versions: [...new Set(taken.versions)],
    mode: judged.mode,
    run: planned.turn,
    strength: planned.strength,
    bundleBytes: judged.files.reduce((sum, file) => sum + statSync(file).size, 0),
    seconds: { toReport: collect + analyse, collect, analyse },
    truth: taken.truth,
    targets: taken.targets,
    ...(taken.machine === undefined ? {} : { machine: taken.machine }),
    ...score(judged.report, against),
    baselines: scoreBaselines(input, against),
  };
};

const untakenOf = (planned: Planned, problem: string, unsupported: boolean): Untaken => ({
  scenario: planned.scenario.id,
  family: planned.scenario.family,
  line: planned.line,
  run: planned.turn,
  strength: planned.strength,
  problem,
  unsupported,
});

/** Scores one finished run; whatever goes wrong is a run that could not be scored, and the others go on. */
const scoreRun = async (planned: Planned): Promise<AccuracyFile> => {
  if (!existsSync(join(planned.dir, 'taken.json')))
    return { ...empty, untaken: [untakenOf(planned, 'the run ended without a word; see take.log', false)] };
  const kept = readTaken(planned.dir);
  if ('problem' in kept) return { ...empty, untaken: [untakenOf(planned, kept.problem, kept.unsupported)] };
  // What a scenario is held against is what it says now; the run says whom it happened to.
  const taken: TakenRun = { ...kept, truth: planned.truth };
  try {
    const judged = await judge(planned.dir, taken);
    for (const { mode, report } of judged)
      writeFileSync(join(planned.dir, `report-${mode}.json`), `${JSON.stringify(report, null, 1)}\n`);
    return { ...empty, runs: await Promise.all(judged.map((each) => scoreOne(planned, taken, each))) };
  } catch (error) {
    return { ...empty, untaken: [untakenOf(planned, error instanceof Error ? error.message : String(error), false)] };
  }
};

const tell = (planned: Planned, file: AccuracyFile): void => {
  const name = `${planned.line} ${planned.scenario.id}${planned.strength === 1 ? '' : ` x${planned.strength}`}`;
  for (const run of file.runs) {
    const wrong = [...faultsOf(run), ...run.falseAlarms.map(({ rule, role }) => `${rule} (${role})`)];
    const text = wrong.length === 0 ? 'right' : `WRONG ${wrong.join(', ')}`;
    process.stderr.write(`${name}, ${run.mode}: ${text} | ${saidText(run)}\n`);
  }
  for (const each of file.untaken)
    process.stderr.write(`${name}: ${each.unsupported ? 'not possible here' : 'BROKEN'}: ${each.problem}\n`);
};

const main = async (): Promise<number> => {
  const options = await parseOptions(process.argv.slice(2));
  const runs = planRuns(scenarios, options);
  if (runs.length === 0) throw new Error('no scenario fits these options');
  const obstacle = netnsObstacle();
  if (obstacle !== undefined && !options.again) {
    process.stderr.write(`npm run accuracy needs hosts in network namespaces: ${obstacle}\n`);
    return 3;
  }
  let file = empty;
  let count = 0;
  const done = async (planned: Planned): Promise<void> => {
    const own = await scoreRun(planned);
    file = merged(file, own);
    count += 1;
    process.stderr.write(`[${count} of ${runs.length}] `);
    tell(planned, own);
  };
  const there = runs.filter((planned) => (options.again || options.resume) && isTaken(planned));
  for (const planned of there) await done(planned);
  const missing = runs.filter((planned) => !there.includes(planned));
  if (!options.again) await takeAll(missing, options.jobs, done);

  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, 'accuracy.json'), accuracyText(file));
  process.stdout.write(`${textTable(file)}\n`);
  if (options.write) {
    const dir = join(packageRoot, 'docs', 'generated');
    mkdirSync(dir, { recursive: true });
    const json = join(dir, 'accuracy.json');
    const whole = existsSync(json) ? merged(parseAccuracy(readFileSync(json, 'utf8')), file) : file;
    writeFileSync(json, accuracyText(whole));
    writeFileSync(join(dir, 'accuracy.md'), markdownPage(whole));
    process.stdout.write(`Written: ${relative(process.cwd(), join(dir, 'accuracy.md'))}\n`);
  }
  const violations = floorViolations(file, committedFloor());
  for (const violation of violations) process.stdout.write(`BELOW THE FLOOR: ${violation}\n`);
  return violations.length === 0 ? 0 : 1;
};

process.exit(await main());
