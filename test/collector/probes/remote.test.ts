import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EtcdPort } from '../../../collector/ports/etcd.js';
import { type MemberTarget, type ProbeContext, ProbeError } from '../../../collector/probe.js';
import alarmList from '../../../collector/probes/cluster/alarm-list.js';
import hashkv from '../../../collector/probes/member/hashkv.js';
import readLatency from '../../../collector/probes/member/read-latency.js';
import { validate } from '../../../schemas/index.js';
import { fakeMember, fakeStatus, memberIds } from '../fake-wiring.js';

const ID = memberIds[0];
/** A seed that was silent while members were looked for. */
const nameless = fakeMember(0, { id: 'endpoint-10.0.0.1_2379' });

/** A context with a clock of its own: `tick` moves it. */
const contextOf = <T>(target: T, etcd: Partial<EtcdPort>, timeoutMs = 5000) => {
  let clock = 0;
  const context = {
    target,
    timeoutMs,
    signal: new AbortController().signal,
    now: () => clock,
    monotonic: () => clock,
    shared: { members: [] },
    etcd,
  } as unknown as ProbeContext<T>;
  return {
    context,
    tick: (ms: number) => {
      clock += ms;
    },
  };
};

const status = async () => fakeStatus(ID);

test('the hash and the alarms of a member known by its address only go under the id that answered', async () => {
  const answer = { memberId: ID, headerRevision: '7', hash: '1', compactRevision: '0', elapsedMs: 1 };
  const hash = await hashkv.run(contextOf<MemberTarget>(nameless, { status, hashKV: async () => answer }).context);
  const cluster = { kind: 'cluster' as const, id: 'cluster', members: [nameless] };
  const alarms = await alarmList.run(contextOf(cluster, { status, alarms: async () => [] }).context);
  const [hashContent, alarmContent] = [hash.parts[0]?.content, alarms.parts[0]?.content];
  assert.deepEqual(validate('hashkv', hashContent), { ok: true, value: hashContent });
  assert.deepEqual(validate('alarm-list', alarmContent), { ok: true, value: alarmContent });
  assert.equal(hashContent?.memberId, ID);
  assert.equal(alarmContent?.askedMember, ID);
});

/** Reads whose times are given, after a connection that took `connectMs`; deadlines are kept on the fake clock. */
const latency = async (connectMs: number, times: readonly number[]) => {
  const given: number[] = [];
  const etcd: Partial<EtcdPort> = {
    connect: async () => {
      clock.tick(connectMs);
      return connectMs;
    },
    countRead: async (_member, { serializable }, call) => {
      const ms = times[given.length] ?? 1;
      given.push(call.timeoutMs);
      clock.tick(Math.min(ms, call.timeoutMs));
      if (ms <= call.timeoutMs) return { elapsedMs: ms };
      const reason = serializable ? 'stopped-answering' : 'no-quorum';
      throw new ProbeError('timeout', reason, 'deadline', { grpcStatus: 'DEADLINE_EXCEEDED' });
    },
  };
  const clock = contextOf<MemberTarget>(fakeMember(0), etcd);
  return { result: await readLatency.run(clock.context), given };
};

test('slow connections and reads make a shorter series, not a failed one', async () => {
  for (const [connectMs, times] of [
    [2_400, [400, 400, 300, 300]],
    [1_400, [900, 100, 600, 600]],
    [10, [800, 800, 800, 800, 800]],
  ] as const) {
    const { result, given } = await latency(connectMs, times);
    assert.equal(result.state, 'ok', JSON.stringify(result));
    const content = result.parts[0]?.content;
    assert.ok((content?.serializable.length ?? 0) >= 1 && (content?.linearizable.length ?? 0) >= 1);
    assert.ok(Math.min(...given) >= 500, `every read had time: ${given.join(', ')}`);
  }
});

test('a read through the quorum that stays silent names the missing quorum, unless it had no time', async () => {
  const { result } = await latency(10, [1, 1, 1, 1, 1, 60_000]);
  assert.deepEqual([result.state, result.reason], ['partial', 'no-quorum']);
  assert.equal(result.parts[0]?.content.linearizable.length, 1);
  const hasty = await readLatency.run(
    contextOf<MemberTarget>(
      fakeMember(0),
      {
        connect: async () => 1,
        countRead: async (_member, { serializable }) => {
          if (serializable) return { elapsedMs: 1 };
          throw new ProbeError('timeout', 'no-quorum', 'deadline', { grpcStatus: 'DEADLINE_EXCEEDED' });
        },
      },
      400,
    ).context,
  );
  assert.equal(hasty.reason, 'item-timeout');
});
