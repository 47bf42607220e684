import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseArguments, parseEnvironment, settingsInForce } from '../../collector/settings.js';
import { parseConfigFile } from '../../collector/settings-file.js';

describe('settings', () => {
  it('reads flags as Go does: one or two dashes, =, separate value, lone switch, last one wins', () => {
    const { values } = parseArguments([
      '-name',
      'm1',
      '--data-dir=/d',
      '--pre-vote',
      '--heartbeat-interval',
      '250',
      '--name=m2',
    ]);
    assert.deepEqual(values, { name: 'm2', 'data-dir': '/d', 'pre-vote': 'true', 'heartbeat-interval': '250' });
  });

  it('ends at the first argument that is no flag', () => {
    assert.deepEqual(parseArguments(['--name', 'a', 'stray', '--data-dir', '/d']).values, { name: 'a' });
  });

  it('names what it drops and never keeps its value', () => {
    const kept = parseArguments([
      '--initial-cluster-token=canary1',
      '--auth-token',
      'jwt,priv-key=/canary2,sign-method=RS256',
      '--discovery=https://discovery.example/canary3',
      '--discovery-password',
      'canary4',
      '--some-new-flag',
      'canary5',
      '--discovery-proxy=http://u:canary6@proxy:80/',
      '--name=x',
    ]);
    assert.ok(!JSON.stringify(kept).includes('canary'));
    assert.equal(kept.values['auth-token'], 'jwt');
    assert.equal(kept.values['discovery-proxy'], 'http://proxy:80/');
    assert.equal(kept.values['name'], 'x');
    assert.deepEqual(kept.omitted, [
      'auth-token',
      'discovery',
      'discovery-password',
      'discovery-proxy',
      'initial-cluster-token',
      'some-new-flag',
    ]);
  });

  it('knows the experimental spelling of a flag', () => {
    const { values } = parseArguments([
      '--experimental-initial-corrupt-check',
      '--experimental-warning-apply-duration=1s',
    ]);
    assert.deepEqual(values, {
      'experimental-initial-corrupt-check': 'true',
      'experimental-warning-apply-duration': '1s',
    });
  });

  it('keeps ETCD_ and Go runtime variables only, and does not name others', () => {
    const env = parseEnvironment([
      'ETCD_NAME=a',
      'ETCD_ROOT_PASSWORD=canary',
      'GOMAXPROCS=2',
      'AWS_SECRET_ACCESS_KEY=canary',
      'X',
    ]);
    assert.deepEqual(env, { values: { ETCD_NAME: 'a', GOMAXPROCS: '2' }, omitted: ['ETCD_ROOT_PASSWORD'] });
  });

  it('puts the command line over the environment, and the config file in place of both', () => {
    const flags = parseArguments(['--name=flag']);
    const env = parseEnvironment(['ETCD_NAME=env', 'ETCD_HEARTBEAT_INTERVAL=300']);
    const both = settingsInForce({ flags, env });
    assert.equal(both['name'], 'flag');
    assert.equal(both['heartbeat-interval'], '300');
    const file = settingsInForce({ flags, env, file: { values: { 'election-timeout': '2000' }, omitted: [] } });
    assert.equal(file['name'], 'default');
    assert.equal(file['heartbeat-interval'], undefined);
    assert.equal(file['election-timeout'], '2000');
  });
});

describe('config file', () => {
  it('reads the YAML that etcd config files are written in', () => {
    const entries = Object.fromEntries(
      parseConfigFile(`# comment
name: 'm1'   # trailing
data-dir: "/var/lib/etcd"
quota-backend-bytes: 8589934592
listen-client-urls: https://10.0.0.1:2379,https://127.0.0.1:2379
client-transport-security:
  cert-file: /etc/etcd/server.crt
  client-cert-auth: true
peer-transport-security:
  trusted-ca-file: /etc/etcd/peer-ca.crt
  allowed-cn: peers
log-outputs:
- stderr
- /var/log/etcd.log
cors: [a, "b"]
discovery:
`),
    );
    assert.deepEqual(entries, {
      name: 'm1',
      'data-dir': '/var/lib/etcd',
      'quota-backend-bytes': '8589934592',
      'listen-client-urls': 'https://10.0.0.1:2379,https://127.0.0.1:2379',
      'cert-file': '/etc/etcd/server.crt',
      'client-cert-auth': 'true',
      'peer-trusted-ca-file': '/etc/etcd/peer-ca.crt',
      'peer-cert-allowed-cn': 'peers',
      'log-outputs': 'stderr,/var/log/etcd.log',
      cors: 'a,b',
      discovery: '',
    });
  });

  it('reads JSON too', () => {
    const entries = Object.fromEntries(parseConfigFile('{"name":"a","peer-transport-security":{"cert-file":"/c"}}'));
    assert.deepEqual(entries, { name: 'a', 'peer-cert-file': '/c' });
  });

  for (const [what, text] of [
    ['an anchor', 'name: &x canary'],
    ['a block scalar', 'name: |\n  canary'],
    ['a map in one line', 'name: {canary: 1}'],
    ['a tab', 'a:\n\tb: canary'],
    ['broken JSON', '{"name": canary'],
    ['a lone word', 'canary'],
  ] as const) {
    it(`refuses ${what} without quoting the text`, () => {
      assert.throws(
        () => parseConfigFile(text),
        (error: Error) => !error.message.includes('canary'),
      );
    });
  }
});
