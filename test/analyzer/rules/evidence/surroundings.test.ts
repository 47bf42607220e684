/** Facts about connections, history and set-up of hosts speak in the findings that stand without them, and only when they say something. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storageStack } from '../../../../analyzer/rules/evidence/storage-stack.js';
import { gauge, log } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';
import {
  blockDevices,
  fsyncProbe,
  history,
  line,
  netConfig,
  routes,
  series,
  sockets,
  timeSync,
} from '../../../support/surroundings.js';
import { wholeDiagnosis } from '../../../support/whole-diagnosis.js';
import { type Changes, scenario } from '../../neighbours/base.js';
import { modes } from '../../neighbours/modes/index.js';
import { said } from '../network/links.js';

const factsOf = (mode: string): Changes => modes.find((each) => each.mode === mode)?.facts ?? assert.fail(mode);

interface Case {
  readonly mode: string;
  readonly name: string;
  readonly add: (facts: Changes) => Changes;
  readonly text: RegExp;
  readonly weight: 'supporting' | 'contradicting';
}

const slow = 'disk-slow-device';
const member =
  (own: Changes['m1']) =>
  (facts: Changes): Changes => ({ ...facts, m1: { ...facts.m1, ...own } });
const host =
  (own: Changes['h1']) =>
  (facts: Changes): Changes => ({ ...facts, h1: { ...facts.h1, ...own } });
const cluster =
  (own: Changes['cluster']) =>
  (facts: Changes): Changes => ({ ...facts, cluster: { ...facts.cluster, ...own } });
const supporting = 'supporting';
const contradicting = 'contradicting';

const cases: readonly Case[] = [
  {
    mode: slow,
    name: 'platters under the data',
    add: host({ blockDevices: blockDevices({ slaves: ['sdb'] }, { rotational: true, driver: 'sd' }) }),
    text: /turning platters/,
    weight: supporting,
  },
  {
    mode: slow,
    name: 'a RAID that copies',
    add: host({ blockDevices: blockDevices({ raid: { level: 'raid1', degraded: 1, syncAction: 'recover' } }) }),
    text: /RAID under the data/,
    weight: supporting,
  },
  {
    mode: slow,
    name: 'a device on another machine',
    add: host({ blockDevices: blockDevices({ name: 'rbd0', driver: 'rbd' }) }),
    text: /on another machine/,
    weight: supporting,
  },
  {
    mode: slow,
    name: 'fast syncs of another process',
    add: member({ fsyncProbe: fsyncProbe(1, 3) }),
    text: /the device can do it/,
    weight: contradicting,
  },
  {
    mode: slow,
    name: 'it began an hour ago',
    add: cluster({
      history: history(series('wal-fsync-p99', 1, [...line(60, 0.002, 0.002), ...line(60, 0.2, 0.2)])),
    }),
    text: /The history has it too/,
    weight: supporting,
  },
  {
    mode: 'filesystem-readonly-or-eio',
    name: 'the driver has lost the device',
    add: host({ blockDevices: blockDevices({ state: 'offline' }) }),
    text: /does not answer/,
    weight: supporting,
  },
  {
    mode: 'member-partitioned',
    name: 'no route to a peer',
    add: (facts) => ({ ...facts, h2: { netConfig: netConfig({ routes: routes({ 1: null, 3: 1500 }) }) } }),
    text: /no route to a peer/,
    weight: supporting,
  },
  {
    mode: 'member-partitioned',
    name: 'no link on the way',
    add: (facts) => ({
      ...facts,
      h2: {
        netConfig: netConfig({
          interfaces: [{ name: 'eth0', virtual: false, carrier: false, errors: {} }],
          routes: routes({ 1: 1500 }),
        }),
      },
    }),
    text: /has no link/,
    weight: supporting,
  },
  {
    mode: 'cert-expired',
    name: 'clocks that nothing keeps in step',
    add: host({ timeSync: timeSync(false) }),
    text: /not kept in step/,
    weight: contradicting,
  },
  {
    mode: 'quota-nospace-live-data',
    name: 'where the keys are',
    add: cluster({
      alarms: factsOf('quota-nospace-live-data').cluster?.alarms ?? assert.fail(),
      keyspace: {
        askedMember: memberId(1),
        root: '/registry/',
        prefixes: [{ prefix: '/registry/events/', keys: 200 }],
        total: 229,
        others: 29,
        complete: true,
      },
    }),
    text: /Where most keys are/,
    weight: supporting,
  },
  {
    mode: 'crash-loop',
    name: 'starts in the history',
    add: cluster({
      ...factsOf('crash-loop').cluster,
      history: history(series('process-start', 3, line(30, 1_795_341_000, 1_795_341_600))),
    }),
    text: /history has starts/,
    weight: supporting,
  },
  {
    mode: 'vm-pause-or-steal',
    name: 'what it got stays unread',
    add: (facts) => ({
      ...facts,
      m3: { ...facts.m3, sockets: sockets(3, {}, { unreadBytes: 900, waiting: 1 }) },
    }),
    text: /does not read it/,
    weight: supporting,
  },
];

describe('with the fact, and not without it', () => {
  for (const { mode, name, add, text, weight } of cases) {
    test(`${mode}: ${name}`, () => {
      const plain: Changes = {
        ...factsOf(mode),
        m1: { ...factsOf(mode).m1, fsyncProbe: undefined } as unknown as Changes['m1'],
        m3: { ...factsOf(mode).m3, sockets: undefined } as unknown as Changes['m3'],
      };
      const evidence = (facts: Changes) => {
        const cause = wholeDiagnosis(scenario(name, facts)).diagnosis.causes.find(({ rule }) => rule === mode);
        return [...(cause?.evidence ?? []), ...(cause?.contradictedBy ?? [])].filter(
          (item) => item.state === 'present' && text.test(item.text),
        );
      };
      assert.deepEqual(evidence(plain), []);
      const found = evidence(add(plain));
      assert.ok(found.length > 0, 'it is among the evidence');
      assert.equal(found[0]?.weight, weight);
    });
  }
});

test('paravirtual and mapped devices call themselves rotational, and mean nothing by it', () => {
  const stack = storageStack(
    blockDevices(
      { name: 'vda', rotational: true, driver: 'virtio_blk', slaves: ['sdb'] },
      { rotational: true, mapper: { name: 'data', type: 'LVM', suspended: true } },
    ),
    memberId(1),
  );
  assert.deepEqual(stack?.rotational, []);
  assert.deepEqual(stack?.suspended, ['data']);
  assert.equal(storageStack(undefined, memberId(1)), undefined);
  assert.equal(storageStack(blockDevices({}), memberId(2)), undefined, 'nothing is known of devices of others');
});

test('a name server is missing where lookups fail', () => {
  const facts = (nameservers: string[]): Changes => ({
    m2: {
      log: log({ 'no-such-host': said(9, { host: ['m1.example'] }) }),
      proposals: { pending: gauge(0, 0), failed: null, committed: null, applied: null, gap: null },
    },
    cluster: { quorum: { ...(scenario('x').cluster?.quorum ?? assert.fail()), withoutLeader: [memberId(2)] } },
    h2: { netConfig: netConfig({ resolver: { nameservers, search: [], options: [] } }) },
  });
  const says = (nameservers: string[]): boolean =>
    JSON.stringify(wholeDiagnosis(scenario('names', facts(nameservers))).diagnosis.causes).includes(
      'No name server is set',
    );
  assert.equal(says([]), true);
  assert.equal(says(['10.0.0.53']), false);
});
