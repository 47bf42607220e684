import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createFilesPort, type FilesPort } from '../../../../collector/ports/files.js';
import type { HostTarget, ProbeContext } from '../../../../collector/probe.js';
import blockDevices from '../../../../collector/probes/host/block-devices.js';
import { validate } from '../../../../schemas/index.js';
import { type FakeHost, fakeHost } from '../../fake-files.js';
import { fakeMember } from '../../fake-wiring.js';

const hosts: FakeHost[] = [];
after(() => {
  for (const host of hosts) host.remove();
});
const newHost = (): FakeHost => {
  const host = fakeHost();
  hosts.push(host);
  return host;
};

const run = async (files: FilesPort, dataDir: string) => {
  const local = { pid: 0, startTicks: '0', executable: 'etcd', settings: {}, dataDir, matchedBy: 'test' };
  const target: HostTarget = { kind: 'host', id: 'host-1', members: [fakeMember(0, { local })] };
  const context = { target, files, signal: new AbortController().signal } as unknown as ProbeContext<HostTarget>;
  const result = await blockDevices.run(context);
  const content = result.parts[0]?.content;
  assert.deepEqual(validate('block-devices', content), { ok: true, value: content });
  return { result, devices: content?.devices ?? [] };
};

const device = (host: FakeHost, name: string, number: string, files: Readonly<Record<string, string>>): void => {
  const dir = `/sys/devices/${name}`;
  for (const [path, text] of Object.entries({ dev: number, size: '2048', ...files }))
    host.put(`${dir}/${path}`, `${text}\n`);
  host.put(`/sys/dev/block/${number}`, `->${host.root}${dir}`);
  host.put(`/sys/class/block/${name}`, `->${host.root}${dir}`);
};

const mountLine = (number: string, point: string): string => `30 1 ${number} / ${point} rw - ext4 /dev/x rw`;

describe('block-devices', () => {
  test('down through LVM on LUKS on a virtio disk', async () => {
    const host = newHost();
    host.put('/var/lib/etcd/x', '');
    host.put('/proc/self/mountinfo', mountLine('253:1', '/'));
    device(host, 'dm-1', '253:1', {
      'dm/name': 'vg-etcd',
      'dm/uuid': 'LVM-Gq3ePx0pAB',
      'dm/suspended': '0',
      'queue/rotational': '1',
      'slaves/dm-0/x': '',
    });
    device(host, 'dm-0', '253:0', {
      'dm/name': 'luks-1',
      'dm/uuid': 'CRYPT-LUKS2-5f1c-luks-1',
      'dm/suspended': '1',
      'slaves/vda/x': '',
    });
    device(host, 'vda', '254:0', {
      'queue/scheduler': 'none [mq-deadline] kyber',
      'queue/max_sectors_kb': '1280',
      'queue/wbt_lat_usec': '75000',
      'queue/fua': '0',
      'queue/write_cache': 'write back',
      'queue/logical_block_size': '512',
      'queue/physical_block_size': '4096',
      'queue/discard_max_bytes': '0',
      'device/vendor': '0x1af4',
      removable: '0',
    });
    host.put('/sys/bus/virtio/drivers/virtio_blk/x', '');
    host.put('/sys/devices/vda/device/driver', `->${host.root}/sys/bus/virtio/drivers/virtio_blk`);
    const { devices } = await run(host.files, '/var/lib/etcd');
    assert.deepEqual(
      devices.map(({ name }) => name),
      ['dm-1', 'dm-0', 'vda'],
    );
    assert.deepEqual(devices[0]?.mapper, { name: 'vg-etcd', type: 'LVM', suspended: false });
    assert.deepEqual(devices[1]?.mapper, { name: 'luks-1', type: 'CRYPT-LUKS2', suspended: true });
    assert.deepEqual(devices[2], {
      name: 'vda',
      device: '254:0',
      scheduler: 'mq-deadline',
      writeCache: 'write back',
      sizeBytes: '1048576',
      driver: 'virtio_blk',
      maxSectorsKb: 1280,
      wbtLatUsec: 75000,
      fua: false,
      logicalBlockBytes: 512,
      physicalBlockBytes: 4096,
      discard: false,
      removable: false,
      members: [fakeMember(0).id],
    });
  });

  test('a loop device leads to the disk that holds its file; a degraded array says so', async () => {
    const host = newHost();
    host.put('/data/etcd/x', '');
    host.put('/proc/self/mountinfo', [mountLine('9:0', '/'), mountLine('7:0', '/data')].join('\n'));
    device(host, 'loop0', '7:0', { 'loop/backing_file': '/images/etcd.img' });
    device(host, 'md0', '9:0', {
      'md/level': 'raid1',
      'md/array_state': 'active',
      'md/degraded': '1',
      'md/sync_action': 'recover',
    });
    const { devices } = await run(host.files, '/data/etcd');
    assert.deepEqual(
      devices.map(({ name, slaves, backingFile, raid }) => [name, slaves, backingFile, raid]),
      [
        ['loop0', ['md0'], '/images/etcd.img', undefined],
        ['md0', undefined, undefined, { level: 'raid1', arrayState: 'active', degraded: 1, syncAction: 'recover' }],
      ],
    );
  });

  test('devices that lead back to each other end', async () => {
    const host = newHost();
    host.put('/data/etcd/x', '');
    host.put('/proc/self/mountinfo', mountLine('7:0', '/'));
    device(host, 'loop0', '7:0', { 'loop/backing_file': '/images/a.img' });
    const { devices } = await run(host.files, '/data/etcd');
    assert.deepEqual(
      devices.map(({ name }) => name),
      ['loop0'],
    );
  });

  test('of this machine', { skip: process.platform !== 'linux' }, async () => {
    const { result, devices } = await run(createFilesPort(), process.cwd());
    if (result.state === 'empty') return;
    assert.ok(devices.length > 0);
    assert.ok(
      devices.some(({ logicalBlockBytes }) => logicalBlockBytes === 512 || logicalBlockBytes === 4096),
      JSON.stringify(devices),
    );
  });
});
