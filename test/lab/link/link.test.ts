import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lab, labDir, openLab } from '../cluster/lab.js';
import { startProgram } from '../cluster/member-process.js';
import { createNetns, inNamespace, type NetnsLab, netnsObstacle } from '../cluster/netns.js';
import { FaultUnsupported } from '../faults/types.js';
import { ensureLinkBinary } from './binary.js';
import { linkPortOf, useLink } from './link.js';

const LIMIT = { timeout: 120_000 };
const MEMBER = { index: 0, name: 'm1' };
const PEER = 2380;
const CLIENT = 2379;

type Site = { lab: Lab; netns: NetnsLab };

/** One namespace in which two ports echo what they are told, or undefined after a skip. */
async function site(t: TestContext): Promise<Site | undefined> {
  const obstacle = netnsObstacle();
  if (obstacle !== undefined) {
    t.skip(obstacle);
    return undefined;
  }
  try {
    await ensureLinkBinary('link');
  } catch (error) {
    if (!(error instanceof FaultUnsupported)) throw error;
    t.skip(error.message);
    return undefined;
  }
  const lab = openLab();
  t.after(() => lab.end());
  const netns = await createNetns(lab, 1);
  labDir(lab, 'm1');
  const script = `for (const port of [${PEER}, ${CLIENT}])
    require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(port)`;
  const command = [process.execPath, '-e', script, '--', lab.dir];
  startProgram(lab, inNamespace(netns.members[0]?.namespace ?? '', command), { logFile: join(lab.dir, 'echo.log') });
  for (const port of [PEER, CLIENT]) await until(() => dial(netns, port));
  return { lab, netns };
}

async function until(attempt: () => Promise<Socket>): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      (await attempt()).destroy();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

const dial = (netns: NetnsLab, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: netns.members[0]?.address ?? '', port, noDelay: true });
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no connection to port ${port} in 10 s`)));
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

/** Milliseconds until `bytes` bytes came back over an open connection. */
const echo = (socket: Socket, bytes = 1): Promise<number> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    let left = bytes;
    const onData = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left > 0) return;
      socket.off('data', onData);
      socket.off('error', reject);
      resolve(performance.now() - began);
    };
    socket.on('data', onData);
    socket.once('error', reject);
    socket.write(Buffer.alloc(bytes, 'x'));
  });

const fastest = async (socket: Socket): Promise<number> => {
  const took: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) took.push(await echo(socket));
  return Math.min(...took);
};

test('a delay is on the peer port only, on open connections too, and goes away again', LIMIT, async (t) => {
  const place = await site(t);
  if (place === undefined) return;
  const { netns } = place;
  const peer = await dial(netns, PEER);
  const client = await dial(netns, CLIENT);
  t.after(() => {
    peer.destroy();
    client.destroy();
  });
  assert.ok((await fastest(peer)) < 40);
  const way = { delayMs: 40, jitterMs: 5 };
  const link = await useLink(place, MEMBER, { fromMember: way, toMember: way, peersOnly: true }, 'test');
  const delayed = await fastest(peer);
  assert.ok(delayed >= 70, `a round trip took ${delayed} ms`);
  assert.ok((await fastest(client)) < 40);
  const { toMember } = await link.counters();
  assert.ok(toMember.treated >= 5 && toMember.treated < toMember.frames, JSON.stringify(toMember));
  assert.equal(toMember.failed, 0);
  await link.undo();
  await link.undo();
  assert.ok((await fastest(peer)) < 40);
  const veth = netns.members[0]?.veth ?? '';
  assert.ok(!readdirSync('/sys/class/net').includes(linkPortOf(veth)));
  assert.ok(readdirSync(`/sys/class/net/${netns.bridge}/brif`).includes(veth));
});

test('a rate bounds what gets through, and what does not fit the queue is dropped', LIMIT, async (t) => {
  const place = await site(t);
  if (place === undefined) return;
  const peer = await dial(place.netns, PEER);
  t.after(() => peer.destroy());
  const link = await useLink(place, MEMBER, { toMember: { rateKbit: 2000, queueMs: 100 }, peersOnly: true }, 'test');
  const bytes = 500_000;
  const took = await echo(peer, bytes);
  assert.ok(took >= ((bytes * 8) / 2000) * 0.95, `${bytes} bytes took ${took} ms`);
  const { toMember } = await link.counters();
  assert.ok(toMember.overflow > 0, JSON.stringify(toMember));
  await link.undo();
  assert.ok((await echo(peer, bytes)) < took / 2);
});

test('settings of one member add up, and the last undo removes the link', LIMIT, async (t) => {
  const place = await site(t);
  if (place === undefined) return;
  const peer = await dial(place.netns, PEER);
  t.after(() => peer.destroy());
  const delay = await useLink(place, MEMBER, { toMember: { delayMs: 30 }, peersOnly: true }, 'test');
  const loss = await useLink(place, MEMBER, { toMember: { lossPct: 30 }, peersOnly: true }, 'test');
  await assert.rejects(
    useLink(place, MEMBER, { toMember: { delayMs: 1 }, peersOnly: false }, 'test'),
    FaultUnsupported,
  );
  const took = await echo(peer, 200_000);
  const { toMember } = await loss.counters();
  assert.ok(toMember.lost > 0, JSON.stringify(toMember));
  assert.ok(took >= 30, `${took} ms`);
  await loss.undo();
  assert.ok((await fastest(peer)) >= 30);
  await delay.undo();
  assert.ok((await fastest(peer)) < 30);
});
