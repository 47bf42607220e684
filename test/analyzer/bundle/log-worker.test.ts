import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createChannel } from '../../../analyzer/bundle/channel.js';
import { summarizeInWorkers } from '../../../analyzer/bundle/log-worker.js';
import { summarizeLog } from '../../../analyzer/logs/index.js';

const line = (index: number): string =>
  `{"level":"warn","ts":"2026-01-02T03:04:${String(index % 60).padStart(2, '0')}.000Z","caller":"etcdserver/util.go:170","msg":"apply request took too long","took":"${100 + index}ms","expected-duration":"100ms"}\n`;

const chunks = async function* (count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield Buffer.from(line(index).repeat(500));
};

const options = { source: 'a.log', referenceTime: Date.UTC(2026, 0, 2) };

describe('summarizeInWorkers', () => {
  it('gives what the log room gives, beyond the bytes allowed in flight', async () => {
    const count = 100;
    assert.ok(count * 500 * line(0).length > 4 * 1024 * 1024);
    const inThread = await summarizeInWorkers(chunks(count), options);
    assert.equal(inThread.lines, count * 500);
    assert.deepEqual(inThread, await summarizeLog(chunks(count), options));
  });
  it('passes on that the source failed', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(line(0));
      throw new Error('source failed');
    };
    await assert.rejects(summarizeInWorkers(failing(), options), /source failed/);
  });
  it('ends with its channel', async () => {
    const channel = createChannel(10);
    const result = summarizeInWorkers(channel, options);
    channel.push(Buffer.from(line(1)));
    channel.end();
    assert.equal((await result).lines, 1);
  });
});

describe('createChannel', () => {
  it('holds the producer back above its mark and lets it go below', async () => {
    const channel = createChannel(4);
    assert.equal(channel.drained(), undefined);
    channel.push(Buffer.from('abcdef'));
    const drained = channel.drained();
    assert.ok(drained instanceof Promise);
    const iterator = channel[Symbol.asyncIterator]();
    assert.equal(Buffer.from((await iterator.next()).value ?? '').toString(), 'abcdef');
    await drained;
    channel.end();
    assert.equal((await iterator.next()).done, true);
  });
  it('lets the producer go when the consumer stops', async () => {
    const channel = createChannel(1);
    channel.push(Buffer.from('ab'));
    channel.push(Buffer.from('cd'));
    for await (const _chunk of channel) break;
    assert.equal(channel.drained(), undefined);
    channel.push(Buffer.from('ef'));
    assert.equal(channel.drained(), undefined);
  });
});
