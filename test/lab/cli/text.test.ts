import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintFor } from './paint.js';
import type { InForce, Status } from './protocol.js';
import { createSteps } from './steps.js';
import { clearedText, faultText, shellWord, span, statusText, truthLines, upText } from './text.js';

const plain = paintFor({ isTTY: false }, {});
const NOW = 1_700_000_000_000;

const entry: InForce = {
  number: 4,
  kind: 'fault',
  name: 'pause',
  title: 'The member stands still',
  params: { seconds: 5 },
  members: ['m2'],
  since: NOW - 12_000,
  truth: { causes: ['vm-pause-or-steal'], verdict: ['intervene-now'], also: { 'no-leader': 'it led' } },
};

const status: Status = {
  name: 'b',
  state: 'running',
  pid: 17,
  log: '/run/b/daemon.log',
  endsAt: NOW + 29 * 60_000,
  inForce: [entry],
  problems: [],
  cluster: {
    dir: '/tmp/etcd-lab-x',
    version: '3.5.16',
    tools: '/opt/etcd',
    tls: true,
    endpoints: ['https://10.0.0.1:2379'],
    flags: ['--cacert', '/tmp/a b/ca.crt'],
    login: { user: 'u', password: "it's" },
    members: [
      {
        name: 'm1',
        id: '01',
        role: 'leader',
        pid: 100,
        version: '3.5.16',
        clientUrl: 'https://10.0.0.1:2379',
        dataDir: '/d',
        logFile: '/l',
        host: { name: 'h1', inside: ['nsenter', '--target=9', '--'], disk: '/d', device: 'loop3' },
      },
      {
        name: 'm2',
        id: '',
        role: 'spare',
        pid: 0,
        version: '',
        clientUrl: 'https://10.0.0.2:2379',
        dataDir: '/d',
        logFile: '/l',
      },
    ],
  },
};

test('a fault tells what was done, to whom, the ground truth, and how to take it back', () => {
  const text = faultText(entry, 'b', plain);
  for (const part of ['#4', 'pause on m2 (seconds=5)', 'vm-pause-or-steal', 'intervene-now', 'no-leader: it led'])
    assert.ok(text.includes(part), text);
  assert.ok(text.includes('clear 4 --lab b'), text);
  assert.ok(faultText({ ...entry, members: [] }, 'lab', plain).includes('on the cluster'));
});

test('a status shows members, time left and what is in force, and no spare that never ran', () => {
  const text = statusText(status, NOW, plain);
  for (const part of ['m1', 'leader', '100', '29 min left', 'daemon 17', '#4 fault pause on m2, for 12 s'])
    assert.ok(text.includes(part), text);
  assert.ok(!text.includes('spare'), text);
  assert.ok(text.includes('one member'), text);
});

test('up says how to reach it, in words that a shell takes', () => {
  const text = upText(status, NOW, plain, { why: 'hosts need root', faults: ['partition'] });
  for (const part of [
    "--cacert '/tmp/a b/ca.crt'",
    "'ETCDCTL_PASSWORD=it'\\''s'",
    'nsenter --target=9 --',
    'partition',
  ])
    assert.ok(text.includes(part), text);
});

test('the truth of one node is told apart', () => {
  const lines = truthLines({
    causes: [],
    verdict: ['healthy'],
    fromOneNode: { causes: ['peer-rtt-high'], verdict: ['inconclusive'], missing: 'the other end' },
  });
  assert.match(lines, /cause {5}none/);
  assert.match(lines, /one node {2}peer-rtt-high; inconclusive \(missing: the other end\)/);
});

test('clearing says whether it serves', () => {
  assert.match(clearedText({ cleared: [entry], servesAfter: 1.234 }, NOW, plain), /serve \(after 1\.2 s\)/);
  assert.match(clearedText({ cleared: [entry], notServing: 'm2 is down' }, NOW, plain), /serve yet: m2 is down/);
  assert.equal(clearedText({ cleared: [] }, NOW, plain), 'Nothing to clear.');
});

test('colours on a terminal that wants them', () => {
  const start = '\u001b[';
  assert.ok(statusText(status, NOW, paintFor({ isTTY: true }, {})).includes(start));
  assert.ok(!statusText(status, NOW, paintFor({ isTTY: true }, { NO_COLOR: '1' })).includes(start));
  assert.ok(!statusText(status, NOW, plain).includes(start));
});

test('times and words', () => {
  assert.deepEqual([0, 12_400, 119_000, 1_740_000, 11_100_000].map(span), [
    '0 s',
    '12 s',
    '119 s',
    '29 min',
    '3 h 5 min',
  ]);
  assert.deepEqual(['a-b=1', 'a b', '', "it's"].map(shellWord), ['a-b=1', "'a b'", "''", "'it'\\''s'"]);
});

test('progress is a line per step, or one line that is redrawn and cleared', () => {
  const shown = (isTTY: boolean): string => {
    let text = '';
    const steps = createSteps({ isTTY, columns: 40, write: (part: string) => (text += part) });
    steps.step('one\u001b[2J');
    steps.step('two');
    steps.close();
    steps.close();
    return text;
  };
  assert.equal(shown(false), 'one?[2J\ntwo\n');
  const line = '\r\u001b[K';
  assert.equal(shown(true).replace(/\d+ s/g, 'N s'), `${line}one?[2J (N s)${line}two (N s)${line}`);
});
