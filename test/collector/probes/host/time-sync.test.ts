import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { RunCommand } from '../../../../collector/ports/command.js';
import { createFilesPort, type FilesPort } from '../../../../collector/ports/files.js';
import { type HostTarget, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import {
  parseTimedate,
  parseTimesync,
  parseTracking,
  readTimeSync,
} from '../../../../collector/probes/host/time-sync.js';
import { validate } from '../../../../schemas/index.js';
import { type FakeHost, fakeHost } from '../../fake-files.js';

const hosts: FakeHost[] = [];
after(() => {
  for (const host of hosts) host.remove();
});
const newHost = (): FakeHost => {
  const host = fakeHost();
  hosts.push(host);
  host.put('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'hpet\n');
  host.put('/sys/devices/system/clocksource/clocksource0/available_clocksource', 'tsc hpet acpi_pm \n');
  host.put('/proc/12/stat', `12 (chronyd) S 1 ${Array(48).fill('0').join(' ')}`);
  host.put('/proc/13/stat', `13 (bash) S 1 ${Array(48).fill('0').join(' ')}`);
  return host;
};

const read = async (files: FilesPort, outputs: Readonly<Record<string, string>>) => {
  const run: RunCommand = async (file, args) => {
    const text = outputs[`${file} ${args[0]}`];
    if (text === undefined) throw new ProbeError('failed', 'file-missing', `${file} is not installed here`);
    return { stdout: Buffer.from(text), cut: false };
  };
  const context = {
    files,
    signal: new AbortController().signal,
    timeoutMs: 5000,
  } as unknown as ProbeContext<HostTarget>;
  const content = await readTimeSync(context, run);
  assert.deepEqual(validate('time-sync', content), { ok: true, value: content });
  return content;
};

// As chronyc 4.3 prints it.
const tracking =
  '0A00007B,10.0.0.123,3,1735787045.148678446,0.000006523,-0.000001,0.000021,-12.345,0.001,0.02,0.001200000,0.000400000,64.2,Normal\n';

describe('time-sync', () => {
  test('chrony: figures, and the sign of the offset', async () => {
    const content = await read(newHost().files, {
      'chronyc -n': tracking,
      'timedatectl show': 'NTP=yes\nNTPSynchronized=no\nLocalRTC=no\n',
    });
    assert.deepEqual(
      { ...content, asked: undefined },
      {
        asked: undefined,
        source: 'chrony',
        synchronised: true,
        synchronisedBy: 'chrony',
        ntpEnabled: true,
        localRtc: false,
        // 6.5 us slow of NTP time.
        offsetMs: -0.006523,
        stratum: 3,
        server: '10.0.0.123',
        leap: 'Normal',
        rootDelayMs: 1.2,
        rootDispersionMs: 0.4,
        jitterMs: 0.021,
        frequencyPpm: -12.345,
        lastUpdate: '2025-01-02T03:04:05.148Z',
        clocksource: 'hpet',
        availableClocksources: ['tsc', 'hpet', 'acpi_pm'],
        daemons: ['chronyd'],
      },
    );
    assert.deepEqual(
      content.asked.map(({ state }) => state),
      ['ok', 'ok', 'missing', 'missing'],
    );
  });

  test('a chrony that lost its sources is not synchronised', () => {
    const lost = parseTracking('00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised');
    assert.equal(lost?.synchronised, false);
    assert.equal(lost?.lastUpdate, undefined);
    assert.equal(lost?.server, undefined);
    assert.equal(parseTracking('506 Cannot talk to daemon\n'), undefined);
    assert.equal(parseTracking(''), undefined);
  });

  test('systemd-timesyncd: its offset is how far the server is ahead', async () => {
    const status =
      '       Server: 10.0.0.9 (ntp.example)\nPoll interval: 34min 8s (min: 32s; max 34min 8s)\n         Leap: normal\n      Version: 4\n      Stratum: 2\n    Reference: 10000\n    Precision: 1us (-20)\nRoot distance: 1.2ms (max: 5s)\n       Offset: +1.453ms\n        Delay: 20.1ms\n       Jitter: 453us\n Packet count: 9\n    Frequency: -12,500ppm\n';
    const host = newHost();
    host.put('/run/systemd/timesync/synchronized', '');
    const content = await read(host.files, {
      'timedatectl show': 'NTPSynchronized=yes\n',
      'timedatectl timesync-status': status,
    });
    assert.deepEqual(
      [
        content.source,
        content.synchronised,
        content.synchronisedBy,
        content.offsetMs,
        content.jitterMs,
        content.stratum,
      ],
      ['systemd-timesyncd', true, 'kernel', -1.453, 0.453, 2],
    );
    assert.ok(content.lastUpdate !== undefined);
    assert.equal(parseTimesync('       Offset: -1min 2.5s\n')?.offsetMs, 62_500);
    assert.equal(parseTimesync('Failed to connect to bus'), undefined);
    assert.equal(parseTimedate('NTPSynchronized=maybe'), undefined);
  });

  test('nothing to ask: nothing is claimed, and each is named', async () => {
    const content = await read(newHost().files, {});
    assert.equal(content.synchronised, undefined);
    assert.equal(content.offsetMs, undefined);
    assert.deepEqual(new Set(content.asked.map(({ state }) => state)), new Set(['missing']));
  });

  test('a tool that says something else is failed, with what it said', async () => {
    const content = await read(newHost().files, { 'chronyc -n': '506 Cannot talk to daemon\n' });
    assert.deepEqual(content.asked[0], {
      what: 'chronyc tracking',
      state: 'failed',
      message: '506 Cannot talk to daemon',
    });
  });

  test('of this machine', { skip: process.platform !== 'linux' }, async () => {
    const context = {
      files: createFilesPort(),
      signal: new AbortController().signal,
      timeoutMs: 10_000,
    } as unknown as ProbeContext<HostTarget>;
    const content = await readTimeSync(context);
    assert.deepEqual(validate('time-sync', content), { ok: true, value: content });
    assert.equal(content.asked.length, 4);
  });
});
