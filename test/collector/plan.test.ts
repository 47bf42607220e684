import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planItems } from '../../collector/plan.js';
import { kubernetesProbes } from '../../collector/probes/kubernetes.js';

const planned = (rounds: number) =>
  planItems({
    cluster: { kind: 'cluster', id: 'cluster', members: [] },
    members: [],
    hosts: [],
    endpoints: [],
    probes: { remote: kubernetesProbes({ none: 'none' }), local: [] },
    rounds,
    itemTimeoutMs: 5000,
  });

test('a dear answer is asked for in the first and in the last round', () => {
  const roundsOf = (rounds: number) =>
    planned(rounds)
      .filter(({ kind }) => kind === 'apiserver-metrics')
      .map(({ round, sparse, id }) => [round, sparse, id]);
  assert.deepEqual(roundsOf(4), [
    [0, true, 'apiserver-metrics@cluster#0'],
    [3, true, 'apiserver-metrics@cluster#3'],
  ]);
  assert.deepEqual(roundsOf(1), [[0, true, 'apiserver-metrics@cluster#0']]);
});

test('the API server has a lane of its own: its silence holds up no read of etcd', () => {
  assert.deepEqual([...new Set(planned(2).map(({ lane }) => lane))], ['remote:kubernetes']);
});
