/** The hours before: a real Prometheus (Debian's) that scrapes a real cluster, asked by the real collector. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HistoryArtifact, pathOf } from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import { freePort } from '../lab/cluster/peer-proxy.js';
import { get } from '../support/http-get.js';
import { systemTool } from '../support/tools.js';
import { analyse, brief, collect, line, tempDir } from './harness.js';

/** Scrapes per member before it is asked: rates need two, and a late start must not matter. */
const SCRAPES = 12;

const startPrometheus = async (t: TestContext, program: string, targets: readonly string[]): Promise<string> => {
  const dir = tempDir(t);
  const port = await freePort('127.0.0.1');
  const config = join(dir, 'prometheus.yml');
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: etcd\n    static_configs: [{ targets: ${JSON.stringify(targets)} }]\n`,
  );
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  t.after(
    () =>
      new Promise<void>((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGKILL');
      }),
  );
  const url = `http://127.0.0.1:${port}`;
  const scraped = async (): Promise<number> => {
    const query = encodeURIComponent('min(count_over_time(etcd_server_has_leader[5m]))');
    const answer = JSON.parse(await get(`${url}/api/v1/query?query=${query}`, 5000)) as {
      data?: { result?: { value: [number, string] }[] };
    };
    return Number(answer.data?.result?.[0]?.value[1] ?? 0);
  };
  for (let tries = 0; ; tries += 1) {
    if ((await scraped().catch(() => 0)) >= SCRAPES) return url;
    if (tries > 60) throw new Error('Prometheus did not scrape the members');
    await sleep(1000);
  }
};

test('series of every member come with the bundle, under their ids, and agree with what the members say', {
  timeout: 300_000,
}, async (t) => {
  const program = await systemTool('prometheus');
  if (program === undefined) return t.skip('no prometheus, and none could be installed');
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const url = await startPrometheus(
    t,
    program,
    cluster.endpoints().map((endpoint) => new URL(endpoint).host),
  );

  const got = await collect(t, cluster, ['--prometheus', url, '--history', '5m']);
  const item = got.manifest.items.find(({ kind }) => kind === 'history');
  assert.ok(item?.state === 'ok' || item?.state === 'partial', JSON.stringify(item));
  assert.ok(item.paths.length > 20, item.paths.join(' '));
  const series = (name: string): HistoryArtifact =>
    JSON.parse(got.read(pathOf('history', { kind: 'cluster', id: 'cluster' }, { instance: name }))) as HistoryArtifact;
  const ids = got.manifest.targets.filter(({ kind }) => kind === 'member').map(({ id }) => id);
  const last = ({ values }: HistoryArtifact['series'][number]): number =>
    values.findLast((value) => value !== null) ?? -1;
  for (const name of ['has-leader', 'is-leader', 'db-size'])
    assert.deepEqual(
      series(name)
        .series.map(({ memberId }) => memberId)
        .sort(),
      [...ids].sort(),
      name,
    );
  assert.ok(series('has-leader').series.every((each) => last(each) === 1));
  assert.equal(
    series('is-leader').series.reduce((sum, each) => sum + last(each), 0),
    1,
  );

  const { report } = await analyse(got.bundle);
  for (const { id, dbSizeBytes } of report.members) {
    const known = series('db-size').series.find(({ memberId }) => memberId === id);
    assert.ok(known !== undefined);
    assert.equal(last(known), Number(dbSizeBytes), `${id}: ${brief(report)}`);
  }
});
