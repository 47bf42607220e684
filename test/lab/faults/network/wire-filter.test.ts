import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOk } from '../../../support/run.js';
import { type Lab, openLab } from '../../cluster/lab.js';
import { startProgram } from '../../cluster/member-process.js';
import { createNetns, inNamespace, type NetnsLab, netnsObstacle } from '../../cluster/netns.js';
import { FaultUnsupported } from '../types.js';
import { filterWire } from './wire-filter.js';

const LIMIT = { timeout: 60_000 };
const PORT = 2380;
const MEMBER = { index: 0, name: 'm1' };

type Site = { lab: Lab; netns: NetnsLab };

/** Two namespaces, the first of which listens on the peer port; undefined after a skip. */
async function site(t: TestContext): Promise<Site | undefined> {
  const obstacle = netnsObstacle();
  if (obstacle !== undefined) {
    t.skip(obstacle);
    return undefined;
  }
  const lab = openLab();
  t.after(() => lab.end());
  const netns = await createNetns(lab, 2);
  const script = `require('node:net').createServer((socket) => socket.on('error', () => {})).listen(${PORT})`;
  const command = [process.execPath, '-e', script, '--', lab.dir];
  startProgram(lab, inNamespace(netns.members[0]?.namespace ?? '', command), { logFile: join(lab.dir, 'listen.log') });
  const deadline = Date.now() + 20_000;
  while ((await dial(netns)) !== 'connected') {
    if (Date.now() > deadline) throw new Error('nobody listens');
    await sleep(50);
  }
  return { lab, netns };
}

/** `connected`, `silence` (for a second) or the error's code. */
const dial = (netns: NetnsLab): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: netns.members[0]?.address ?? '', port: PORT });
    const settle = (what: string): void => {
      socket.destroy();
      resolve(what);
    };
    socket.setTimeout(1000, () => settle('silence'));
    socket.once('connect', () => settle('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });

/** The same, dialled from the second namespace. */
const dialFromSecond = async (netns: NetnsLab): Promise<string> => {
  const address = netns.members[0]?.address ?? '';
  const script = `const socket = require('node:net').connect(${PORT}, '${address}');
    const settle = (what) => { console.log(what); process.exit(); };
    socket.setTimeout(1000, () => settle('silence'));
    socket.on('connect', () => settle('connected')).on('error', (error) => settle(error.code));`;
  const [file = '', ...args] = inNamespace(netns.members[1]?.namespace ?? '', [process.execPath, '-e', script]);
  return (await runOk(file, args)).stdout.trim();
};

/** Where nft or a part of it is missing the test is skipped. */
const filter = (t: TestContext, ...args: Parameters<typeof filterWire>) =>
  filterWire(...args).catch((error: unknown) => {
    if (!(error instanceof FaultUnsupported)) throw error;
    t.skip(error.message);
    return undefined;
  });

test('what is dropped on the way to a member is silence, and undo ends it', LIMIT, async (t) => {
  const place = await site(t);
  if (place === undefined) return;
  const cut = await filter(t, place, 'test', [{ member: MEMBER, to: [`tcp dport ${PORT} drop`] }]);
  if (cut === undefined) return;
  assert.equal(await dial(place.netns), 'silence');
  assert.equal(await dialFromSecond(place.netns), 'silence');
  await cut.undo();
  await cut.undo();
  assert.equal(await dial(place.netns), 'connected');
});

test('what a member sends can be dropped or refused, for that member only', LIMIT, async (t) => {
  const place = await site(t);
  if (place === undefined) return;
  const second = { index: 1, name: 'm2' };
  const dropped = await filter(t, place, 'test', [{ member: second, from: [`tcp dport ${PORT} drop`] }]);
  if (dropped === undefined) return;
  assert.equal(await dialFromSecond(place.netns), 'silence');
  assert.equal(await dial(place.netns), 'connected');
  await dropped.undo();
  const refused = await filter(t, place, 'test', [{ member: second, refused: [`tcp dport ${PORT}`] }]);
  if (refused === undefined) return;
  assert.equal(await dialFromSecond(place.netns), 'ECONNREFUSED');
  assert.equal(await dial(place.netns), 'connected');
  await refused.undo();
  assert.equal(await dialFromSecond(place.netns), 'connected');
});
