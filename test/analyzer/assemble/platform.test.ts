import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../../analyzer/analyze.js';
import { commandOn } from '../../../analyzer/knowledge/platform-commands.js';
import { rules } from '../../../analyzer/rules/index.js';
import { profiles } from '../../../collector/platforms/index.js';
import { fakeCase } from '../../support/fake-case.js';

const commands = [
  ...new Set(
    rules.flatMap(({ remedy, nextEvidence }) => [...remedy, ...nextEvidence].flatMap(({ command }) => command ?? [])),
  ),
];
/** Where etcd is no unit of systemd. */
const NO_UNIT = ['kubeadm', 'vks', 'openshift', 'rke2', 'talos', 'helm'];
const UNIT_OF_ETCD =
  /(?:systemctl (?:start|stop|status|disable --now)|journalctl -u) (?:etcd(?![\w.-])|<unit of etcd>)/;

test('no command of any rule asks for the unit etcd where there is none', () => {
  const asking = commands.filter((command) => UNIT_OF_ETCD.test(command));
  assert.ok(asking.length > 5);
  for (const platform of NO_UNIT) {
    for (const command of asking)
      assert.doesNotMatch(commandOn(platform, command), UNIT_OF_ETCD, `${platform}: ${command}`);
  }
  for (const command of asking) assert.match(commandOn(undefined, command), /static pod: /, command);
});

test('every rule names etcd’s unit in a form that is known', () => {
  for (const command of commands) {
    if (/(?:systemctl \w+|journalctl -u) \S*etcd/.test(command)) assert.match(command, UNIT_OF_ETCD, command);
  }
});

test('on each platform the commands are those of the platform', () => {
  assert.equal(commandOn('kubespray', 'systemctl stop etcd'), 'systemctl stop etcd');
  assert.equal(
    commandOn('kubeadm', 'systemctl status etcd; journalctl -u etcd -n 100; dmesg | tail   # on its node'),
    'sudo crictl ps -a --name etcd; sudo cat /var/log/pods/kube-system_etcd-*/etcd/*.log; dmesg | tail   # on its node',
  );
  assert.equal(
    commandOn('kubeadm', 'systemctl stop etcd && cp -a <data-dir> <data-dir>.kept'),
    'sudo mv /etc/kubernetes/manifests/etcd.yaml /root/ && cp -a <data-dir> <data-dir>.kept   # the kubelet stops it; crictl ps shows when it is gone',
  );
  assert.match(commandOn('k3s', 'journalctl -u etcd | grep x'), /^journalctl -u k3s \| grep x$/);
  assert.equal(commandOn('talos', 'journalctl -u etcd --since <date>'), 'talosctl -n <node> logs etcd');
  assert.equal(commandOn('kubeadm', 'etcdctl endpoint status'), 'etcdctl endpoint status');
  assert.equal(commandOn('rke2', 'systemctl status etcd-backup'), 'systemctl status etcd-backup');
});

test('a platform is one that the collector knows', () => {
  const known = new Set(profiles.map(({ name }) => name));
  for (const platform of [...NO_UNIT, 'k3s', 'k0s', 'canonical', 'kubespray', 'microk8s'])
    assert.ok(known.has(platform), platform);
});

test('the report speaks of the platform that the collector recognised', () => {
  const report = (platform?: string): string =>
    JSON.stringify(
      analyze(
        fakeCase({
          members: [{ name: 'm1' }, { name: 'm2', reachable: false }, { name: 'm3' }],
          artifacts: [{ kind: 'access-map', value: { entries: [], ...(platform === undefined ? {} : { platform }) } }],
          gaps: [
            { kind: 'endpoint-status', of: 'm2', round: 0, state: 'unreachable', reason: 'connection-refused' },
            { kind: 'metrics', of: 'm2', round: 0, state: 'unreachable', reason: 'connection-refused' },
          ],
        }),
        { now: new Date(0) },
      ).diagnosis,
    );
  assert.match(report('kubeadm'), /crictl ps -a --name etcd/);
  assert.doesNotMatch(report('kubeadm'), UNIT_OF_ETCD);
  assert.match(report(), /systemctl status etcd/);
});
