/** A dead address is not dialled for the rest of the run. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEtcdPort } from '../../../../collector/ports/etcd.js';
import { provisional } from '../../../../collector/targets/ask.js';
import { parseSeed } from '../../../../collector/targets/addresses.js';

test('an address that was left is not dialled any more; one that was not goes on being dialled', async (t) => {
  let connects = 0;
  const server = createServer((socket) => {
    connects += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = createEtcdPort({ tls: { insecureSkipTlsVerify: false } });
  t.after(() => {
    port.close();
    server.close();
  });
  const target = provisional(parseSeed(`127.0.0.1:${(server.address() as AddressInfo).port}`, false));
  const call = { signal: new AbortController().signal, timeoutMs: 500 };
  await assert.rejects(port.memberList(target, call));
  const before = connects;
  for (let i = 0; i < 100 && connects === before; i += 1) await sleep(100);
  assert.ok(connects > before, 'the channel dials again by itself');
  port.leave(target);
  // A dial under way may still end; then nothing more comes in twice the longest pause between two dials.
  await sleep(1_500);
  const after = connects;
  await sleep(2_000);
  assert.equal(connects, after);
  await assert.rejects(port.memberList(target, call), 'it can still be asked');
  assert.ok(connects > after);
});
