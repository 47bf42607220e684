import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../collector/errors.js';
import { faults, scenarios } from '../registry.js';
import { LabError } from './errors.js';
import { wantsOwnHosts } from './needs.js';
import type { UpOptions } from './options.js';
import { planUp } from './up.js';

const root = () => Promise.resolve(undefined);
const noRoot = () => Promise.resolve('hosts need root');
const asked = (more: Partial<UpOptions> = {}): UpOptions => ({
  name: 'lab',
  ttlMs: 60_000,
  cluster: {},
  fitFor: [],
  loads: undefined,
  ...more,
});

test('hosts where they can be had, loopback with relays where they cannot', async () => {
  const full = await planUp(asked(), undefined, undefined, root);
  assert.equal(full.noHosts, undefined);
  assert.equal(full.order.cluster.hosts, true);
  assert.equal(full.order.cluster.spares, 1);
  const bare = await planUp(asked(), undefined, undefined, noRoot);
  assert.equal(bare.noHosts, 'hosts need root');
  assert.equal(bare.order.cluster.hosts, false);
  assert.equal(bare.order.cluster.peerProxy, true);
  const chosen = await planUp(asked(), undefined, false, root);
  assert.equal(chosen.order.cluster.hosts, false);
});

test('hosts that were asked for and cannot be had are not replaced', async () => {
  await assert.rejects(planUp(asked(), undefined, true, noRoot), (error: unknown) => {
    assert.ok(error instanceof LabError);
    assert.equal(error.failure, 'impossible');
    return true;
  });
});

test('--for adds what the fault needs; what was given wins', async () => {
  const fitted = faults.find(({ cluster }) => (cluster?.flags ?? []).length > 0 && cluster?.hosts === undefined);
  assert.ok(fitted !== undefined);
  const own = ['--log-level=warn'];
  const { order } = await planUp(asked({ fitFor: [fitted.name], cluster: { flags: own, size: 5 } }), undefined, false);
  assert.deepEqual(order.cluster.flags, [...(fitted.cluster?.flags ?? []), ...own]);
  assert.equal(order.cluster.size, 5);
});

test('a fault that needs hosts is refused before anything starts', async () => {
  const needing = faults.find(wantsOwnHosts);
  assert.ok(needing !== undefined);
  await assert.rejects(
    planUp(asked({ fitFor: [needing.name] }), undefined, undefined, noRoot),
    /needs a host per member/,
  );
});

test('a scenario brings its options, and release lines it makes no sense on are refused', async () => {
  const limited = scenarios.find(({ versions }) => versions !== undefined && !versions.includes('3.4'));
  assert.ok(limited?.versions !== undefined);
  const { order } = await planUp(asked(), limited.id, undefined, root);
  assert.equal(order.scenario, limited.id);
  assert.ok(limited.versions.includes(order.cluster.version ?? '3.5'));
  await assert.rejects(planUp(asked({ cluster: { version: '3.4' } }), limited.id, undefined, root), UsageError);
});
