import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { historyQueries } from '../../../../collector/history-queries.js';
import { createPrometheusPort } from '../../../../collector/ports/prometheus.js';
import type { PrometheusOptions } from '../../../../collector/options.js';
import { type ClusterTarget, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import history from '../../../../collector/probes/cluster/history.js';
import { validate } from '../../../../schemas/index.js';
import { fakeMember, memberIds } from '../../fake-wiring.js';

type Listener = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (listener: Listener): Promise<string> => {
  const server = createServer((request, response) =>
    listener(request, response, new URL(request.url ?? '/', 'http://prometheus')),
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const NOW = 1_700_000_000;
const HOUR = 3_600_000;

const json = (response: ServerResponse, data: object, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(data));
};

type Metric = Readonly<Record<string, string>>;
const vector = (...metrics: readonly Metric[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: metrics.map((metric) => ({ metric, value: [NOW, '1'] })) },
});
const matrix = (
  ...series: readonly { readonly metric: Metric; readonly values: readonly (readonly [number, string])[] }[]
) => ({
  status: 'success',
  data: { resultType: 'matrix', result: series },
});

const ours = { job: 'etcd', instance: '10.0.0.1:2381', server_id: memberIds[0] };

/** A Prometheus with one member of ours and one of another cluster; `range` answers the range queries. */
const prometheus = (
  range: Listener,
  ids: readonly Metric[] = [ours, { ...ours, instance: '10.9.9.9:2381', server_id: 'abc' }],
) =>
  serve((request, response, url) => {
    if (url.pathname === '/api/v1/query_range') return range(request, response, url);
    const query = url.searchParams.get('query') ?? '';
    json(
      response,
      query.includes('etcd_server_id') ? vector(...ids) : vector(...ids.map(({ server_id: _, ...rest }) => rest)),
    );
  });

const run = async (
  url: string,
  more: Partial<PrometheusOptions> = {},
  timeoutMs = 10_000,
  target: Partial<ClusterTarget> = {},
) => {
  const port = createPrometheusPort({ url, historyMs: HOUR, ...more });
  const context = {
    target: { kind: 'cluster', id: 'cluster', members: [fakeMember(0)], ...target },
    signal: AbortSignal.timeout(timeoutMs + 500),
    timeoutMs,
    now: () => NOW * 1000,
    monotonic: () => performance.now(),
    shared: { members: [] },
    prometheus: port,
  } as unknown as ProbeContext<ClusterTarget>;
  try {
    const result = await history.run(context);
    for (const { content } of result.parts)
      assert.deepEqual(validate('history', content), { ok: true, value: content });
    return { result, contentOf: (name: string) => result.parts.find(({ instance }) => instance === name)?.content };
  } finally {
    port.close();
  }
};

const failsWith = async (work: Promise<unknown>, state: string, reason: string, text: RegExp): Promise<void> => {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof ProbeError, String(error));
    assert.deepEqual([error.state, error.reason], [state, reason], error.message);
    assert.match(error.message, text);
    return true;
  });
};

describe('history', () => {
  test('asks for this cluster alone, on one grid, and keeps allow-listed labels', async () => {
    const queries: string[] = [];
    const url = await prometheus((_request, response, { searchParams }) => {
      queries.push(searchParams.get('query') ?? '');
      const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(searchParams.get(name)));
      assert.ok(start !== undefined && end !== undefined && step !== undefined);
      assert.ok((end - start) / step + 1 <= 720, 'no more points than allowed');
      assert.equal(end, NOW);
      const metric = { __name__: 'x', ...ours, team: 'payments', prometheus_replica: 'a' };
      json(
        response,
        matrix({
          metric,
          values: [
            [start, '8589934592'],
            [start + 2 * step, 'NaN'],
            [end, '0.123456789'],
          ],
        }),
      );
    });
    const { result, contentOf } = await run(url, { match: 'cluster="a"' });
    assert.equal(result.state, 'ok');
    assert.equal(result.parts.length, historyQueries.length);
    for (const query of queries) {
      assert.ok(query.includes('cluster="a"') && query.includes('instance=~"10\\\\.0\\\\.0\\\\.1:2381"'), query);
      assert.ok(!query.includes('10\\\\.9'), 'the other cluster is not asked for');
    }
    const size = contentOf('db-size');
    assert.equal(size?.chosenBy, 'member-id');
    const [series] = size?.series ?? [];
    assert.deepEqual(series?.labels, { instance: '10.0.0.1:2381', job: 'etcd' });
    assert.equal(series?.memberId, memberIds[0]);
    assert.equal(series?.values.length, size?.points);
    assert.deepEqual(
      [series?.values[0], series?.values[1], series?.values[2], series?.values.at(-1)],
      [8589934592, null, null, 0.123457],
    );
    assert.deepEqual(size?.droppedLabels, ['prometheus_replica', 'server_id', 'team']);
  });

  test('warnings are kept, few and short; equal series after the label list are one', async () => {
    const url = await prometheus((_request, response, { searchParams }) => {
      const values: [number, string][] = [[Number(searchParams.get('start')), '1']];
      json(response, {
        ...matrix({ metric: { ...ours, replica: 'a' }, values }, { metric: { ...ours, replica: 'b' }, values }),
        warnings: [...Array.from({ length: 50 }, (_, at) => `w${at}`), 'x'.repeat(10_000), 5],
      });
    });
    const { contentOf } = await run(url);
    assert.deepEqual(contentOf('up')?.warnings, ['w0', 'w1', 'w2', 'w3', 'w4']);
    assert.equal(contentOf('up')?.duplicates, 1);
  });

  test('members known by address only are found by it; nobody known takes everything and says so', async () => {
    const range: Listener = (_request, response) => json(response, matrix());
    const nameless = fakeMember(0, { id: 'endpoint-10.0.0.1_2379' });
    const byAddress = await run(await prometheus(range, [ours]), {}, 10_000, { members: [nameless] });
    assert.equal(byAddress.contentOf('up')?.chosenBy, 'address');
    const far = fakeMember(0, {
      id: 'endpoint-x_2379',
      endpoint: 'x:2379',
      clientUrls: [],
      peerUrls: [],
      httpUrls: [],
    });
    const all = await run(await prometheus(range, [ours]), {}, 10_000, { members: [far] });
    assert.equal(all.contentOf('up')?.chosenBy, 'everything');
  });

  test('a Prometheus of other clusters gives nothing, unless matchers say that it is ours', async () => {
    const others = [{ ...ours, instance: '10.9.9.9:2381', server_id: 'abc' }];
    const range: Listener = (_request, response) => json(response, matrix());
    await failsWith(run(await prometheus(range, others)), 'failed', 'prometheus-answer', /none of this cluster/);
    const said = await run(await prometheus(range, others), { match: 'job="etcd"' });
    assert.equal(said.contentOf('up')?.chosenBy, 'matchers');
    await failsWith(run(await prometheus(range, [])), 'failed', 'prometheus-answer', /no etcd series/);
  });

  test('the token goes to the named endpoint only: redirects are not followed', async () => {
    const elsewhere: (string | undefined)[] = [];
    const thief = await serve((request, response) => {
      elsewhere.push(request.headers.authorization);
      json(response, vector());
    });
    const given: (string | undefined)[] = [];
    const url = await serve((request, response, asked) => {
      given.push(request.headers.authorization);
      response.writeHead(302, { location: `${thief}${asked.pathname}` }).end();
    });
    await failsWith(run(url, { token: 'abc.def' }), 'failed', 'prometheus-answer', /redirects are not followed/);
    assert.deepEqual(given, ['Bearer abc.def']);
    assert.deepEqual(elsewhere, []);
  });

  test('refused, wrong page, oversize, HTTP errors: each told apart, and without the query or the token', async () => {
    const refused = await serve((_request, response) => json(response, { status: 'error' }, 401));
    await failsWith(
      run(refused),
      'denied',
      'prometheus-answer',
      /^GET http:\S+\/api\/v1\/query: status 401: give --prometheus-token-file$/,
    );
    await failsWith(
      run(refused, { token: 'S3CRETTOKEN' }),
      'denied',
      'prometheus-answer',
      /^(?!.*S3CRET).*token .* refused/,
    );
    const page = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    });
    await failsWith(run(page), 'failed', 'malformed-answer', /content type text\/html/);
    const other = await serve((_request, response) => json(response, { hello: 1 }));
    await failsWith(run(other), 'failed', 'malformed-answer', /not an answer of Prometheus/);
    const large = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"status":"success","x":"${'y'.repeat(5 * 1024 * 1024)}"`);
    });
    await failsWith(run(large), 'failed', 'too-large', /longer than 4194304 bytes/);
    const closed = await serve(() => undefined);
    servers.at(-1)?.close();
    await failsWith(run(closed), 'unreachable', 'connection-refused', /ECONNREFUSED/);
  });

  test('one bad query does not hide the others', async () => {
    const url = await prometheus((_request, response, { searchParams }) => {
      if ((searchParams.get('query') ?? '').startsWith('etcd_mvcc_db_total_size_in_bytes'))
        return json(response, { status: 'error', errorType: 'execution', error: 'too many samples' }, 422);
      json(response, matrix());
    });
    const { result } = await run(url);
    assert.equal(result.state, 'partial');
    assert.match(result.message ?? '', /^db-size: .*status 422: too many samples$/);
    assert.equal(result.parts.length, historyQueries.length - 1);
  });

  test('a server that falls silent is left alone, and what it gave before is kept', async () => {
    let asked = 0;
    const url = await prometheus((_request, response) => {
      asked += 1;
      if (asked <= 4) json(response, matrix());
    });
    const { result } = await run(url, {}, 1_500);
    assert.equal(result.state, 'partial');
    assert.equal(result.parts.length, 4);
    assert.match(result.message ?? '', /queries not asked/);
    assert.ok(asked <= 8, `${asked} queries`);
  });

  test('all answers together are bounded', async () => {
    const filler = 'z'.repeat(3 * 1024 * 1024);
    let asked = 0;
    const url = await prometheus((_request, response) => {
      asked += 1;
      json(response, { ...matrix(), filler });
    });
    const { result } = await run(url);
    assert.equal(result.state, 'partial');
    assert.ok(asked <= 12, `${asked} large answers`);
    assert.ok(result.parts.length >= 4);
  });
});
