import { endpointStatusRows, memberListRows, memberListTitles, statusTitles } from '../report/etcdctl-tables.js';
import { nameOf } from '../run-rule.js';
import { labelOf, membersOf, type View } from './view.js';

/** `etcdctl member list`. */
export const members: View = (input) => ({
  titles: memberListTitles,
  rows: memberListRows(membersOf(input)),
  json: membersOf(input).map(({ id, name, peerUrls, clientUrls, role }) => ({
    id,
    name,
    peerUrls,
    clientUrls,
    isLearner: role === 'learner',
  })),
});

/** `etcdctl endpoint status`, at the last round. */
export const status: View = (input) => ({
  titles: statusTitles,
  rows: endpointStatusRows(membersOf(input)),
  json: membersOf(input),
});

/** `etcdctl endpoint health`, from the checks that the collector made. */
export const health: View = (input) => {
  const rows = membersOf(input).map((member) => {
    const seen = input.facts.member(member.id, 'health');
    const reads = input.facts.member(member.id, 'readLatency');
    const check = seen.ok ? seen.value.health : null;
    const took = reads.ok ? reads.value.linearizable.medianMs : null;
    return {
      member,
      healthy: check?.healthy ?? null,
      tookMs: took,
      reasons: check?.reasons ?? [],
      why: seen.ok ? '' : seen.missing.reason,
    };
  });
  return {
    titles: ['ENDPOINT', 'MEMBER', 'HEALTH', 'TOOK', 'ERROR'],
    rows: rows.map(({ member, healthy, tookMs, reasons, why }) => [
      member.endpoint ?? '',
      labelOf(member),
      healthy === null ? 'unknown' : String(healthy),
      tookMs === null ? '' : `${Math.round(tookMs * 10) / 10}ms`,
      reasons.join('; ') || why,
    ]),
    json: rows.map(({ member, ...rest }) => ({ id: member.id, name: member.name, ...rest })),
    note: 'HEALTH is GET /health; TOOK is the median of linearizable reads.',
  };
};

/** `etcdctl alarm list`, and who else says so. */
export const alarms: View = ({ facts }) => {
  const seen = facts.cluster('alarms');
  if (!seen.ok)
    return {
      titles: ['ALARM', 'MEMBERS', 'SEEN IN'],
      rows: [],
      json: [],
      note: `not observed: ${seen.missing.reason}`,
    };
  const { armed, known } = seen.value;
  return {
    titles: ['ALARM', 'MEMBERS', 'SEEN IN'],
    rows: armed.map(({ alarm, members: on, by }) => [
      alarm,
      on.map((id) => nameOf(facts.case, id)).join(', '),
      by.join(', '),
    ]),
    json: armed,
    note:
      armed.length > 0
        ? ''
        : known
          ? 'No alarm is armed.'
          : 'Neither the list of alarms nor a status could be read: whether one is armed is not known.',
  };
};

/** Settings in force, a row each; members side by side. */
export const config: View = (input) => {
  const shown = membersOf(input);
  return {
    titles: ['SETTING', ...shown.map(labelOf), 'DIFFERS', 'FROM'],
    rows: input.report.config.map(({ setting, values, differs, note }) => [
      setting,
      ...shown.map(({ id }) => values.find(({ member }) => member === id)?.value ?? ''),
      differs ? 'yes' : '',
      (note ?? '').replace(/^from /, ''),
    ]),
    json: input.report.config,
  };
};

/** Everything the collector planned, and what became of it. */
export const items: View = ({ facts }) => {
  const all = facts.case.items;
  return {
    titles: ['KIND', 'TARGET', 'STATE', 'MS', 'BYTES', 'REASON'],
    rows: all.map(({ kind, targetId, state, durationMs, bytesStored, message, reason }) => [
      kind,
      targetId,
      state,
      durationMs === undefined ? '' : String(Math.round(durationMs)),
      String(bytesStored ?? 0),
      (message ?? reason ?? '').slice(0, 100),
    ]),
    json: all,
  };
};
