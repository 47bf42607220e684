import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { UsageError } from '../../../collector/errors.js';
import { packageRoot } from '../../../schemas/index.js';
import { type Command, pages, parseArguments } from './parse.js';

const parse = (line: string): Promise<Command> => parseArguments(line.split(' ').filter((word) => word !== ''));

const refused = async (line: string, message: RegExp, advice: RegExp = /./): Promise<void> => {
  await assert.rejects(parse(line), (error: unknown) => {
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, message);
    assert.match(error.advice ?? '', advice);
    return true;
  });
};

describe('up', () => {
  test('what is not given is not set', async () => {
    assert.deepEqual(await parse('up'), {
      command: 'up',
      options: { name: 'lab', ttlMs: 1_800_000, cluster: {}, fitFor: [], loads: undefined },
      wantsHosts: undefined,
      json: false,
    });
  });

  test('every flag', async () => {
    const line =
      'up --size 5 --version 3.6 --member-version m1=3.5 --member-version 2=3.4 --tls mtls --auth u:p:q --name b --ttl 1h30m ' +
      '--flag=--quota-backend-bytes=16777216 --flag snapshot-count=10 --no-hosts --load puts --for pause,kill --json';
    assert.deepEqual(await parse(line), {
      command: 'up',
      options: {
        name: 'b',
        ttlMs: 5_400_000,
        cluster: {
          size: 5,
          version: '3.6',
          memberVersions: { 0: '3.5', 1: '3.4' },
          tls: 'mtls',
          auth: { user: 'u', password: 'p:q' },
          flags: ['--quota-backend-bytes=16777216', '--snapshot-count=10'],
        },
        fitFor: ['pause', 'kill'],
        loads: [{ load: 'puts' }],
      },
      wantsHosts: false,
      json: true,
    });
  });

  test('mistakes say what to write', async () => {
    await refused('up --size 0', /--size 0/, /such a number/);
    await refused('up --size 3 --size 5', /2 times/);
    await refused('up --version 3.3', /not a release line/, /3\.4, 3\.5/);
    await refused('up --member-version m4=3.6', /there are 3 members/);
    await refused('up --member-version 3.6', /--member-version 3\.6/, /m1/);
    await refused('up --tls yes', /--tls yes/, /none, mtls/);
    await refused('up --auth root', /no user and password/);
    await refused('up --ttl 5', /not a duration/);
    await refused('up --ttl 5s', /out of range/);
    await refused('up --name A/b', /not a name/);
    await refused('up --flag=--Bad', /not a flag/);
    await refused('up --for nothing-like-it', /no fault nothing-like-it/, /there are: .*pause/);
    await refused('up --load nothing-like-it', /no load nothing-like-it/, /kubernetes/);
    await refused('up now', /now/i, /--help/);
    await refused('up --sise 3', /sise/, /--help/);
    await refused('up -- --size 3', /not understood/);
  });
});

describe('fault and load', () => {
  test('roles, members and lists of them', async () => {
    const onOf = async (line: string) => {
      const command = await parse(line);
      return command.command === 'fault' ? command.on : undefined;
    };
    assert.deepEqual(await onOf('fault pause'), ['follower']);
    assert.deepEqual(await onOf('fault pause --on leader'), ['leader']);
    assert.deepEqual(await onOf('fault pause --on m2,3'), [1, 2]);
    await refused('fault pause --on nobody', /nobody/, /m1, m2.*leader/);
    await refused('fault pause --on m0', /m0/);
  });

  test('values get the types of their defaults', async () => {
    const command = await parse('load puts --set rate=5.5 --set valueBytes=10');
    assert.deepEqual(command.command === 'load' ? command.params : undefined, { rate: 5.5, valueBytes: 10 });
    await refused('load puts --set rate=fast', /rate=fast is not a number/, /puts per second.*default 100/);
    await refused('load puts --set rate=', /not a number/);
    await refused('load puts --set speed=1', /no parameter speed/, /rate \(/);
    await refused('load puts --set constructor=1', /no parameter constructor/);
    await refused('load puts --set rate', /no name and value/);
    await refused('load puts --set rate=1 --set rate=2', /twice/);
    await refused('fault pause --set x=1', /no parameter x/, /takes none/);
    const flagged = await parse('load watch-compacted --set ranges=true');
    assert.deepEqual(flagged.command === 'load' ? flagged.params : undefined, { ranges: true });
    await refused('load watch-compacted --set ranges=yes', /not true or false/);
  });

  test('unknown and missing names', async () => {
    await refused('fault', /a name is missing/);
    await refused('fault nothing-like-it', /no fault nothing-like-it/, /pause/);
    await refused('load nothing-like-it', /no load/, /puts/);
    await refused('fault quota-live-data --on m1', /whole cluster/, /leave --on out/);
  });
});

describe('the other commands', () => {
  test('clear, down, list', async () => {
    assert.deepEqual(await parse('clear'), { command: 'clear', what: 'all', json: false });
    assert.deepEqual(await parse('clear 3 --lab b'), { command: 'clear', what: 3, lab: 'b', json: false });
    assert.deepEqual(await parse('clear loads'), { command: 'clear', what: 'loads', json: false });
    assert.deepEqual(await parse('down b'), { command: 'down', name: 'b', all: false, json: false });
    assert.deepEqual(await parse('list'), { command: 'list', what: 'labs', json: false });
    assert.deepEqual(await parse('list faults pause'), { command: 'list', what: 'faults', name: 'pause', json: false });
    await refused('clear it', /clear it/);
    await refused('down b --all', /a name and --all/, /one of them/);
    await refused('down ../b', /not a name/);
    await refused('list things', /list things/, /labs, faults/);
  });

  test('what follows -- is not read', async () => {
    assert.deepEqual(await parse('exec m2 -- etcdctl get -w json --prefix a'), {
      command: 'exec',
      member: 1,
      argv: ['etcdctl', 'get', '-w', 'json', '--prefix', 'a'],
    });
    assert.deepEqual(await parse('collect --on m1,m3 -o /tmp/x -- --rounds 2'), {
      command: 'collect',
      members: [0, 2],
      dir: '/tmp/x',
      extra: ['--rounds', '2'],
    });
    await refused('exec m1', /no command/);
    await refused('exec leader -- ls', /not a member/);
  });

  test('run takes a scenario and few flags', async () => {
    const command = await parse('run paused-follower --version 3.6');
    assert.equal(command.command === 'up' ? command.scenario : undefined, 'paused-follower');
    await refused('run nothing-like-it', /no scenario/);
    await refused('run paused-follower --size 5', /size/);
  });

  test('no or an unknown command', async () => {
    await refused('', /no command/, /--help/);
    await refused('upp', /upp/, /--help/);
  });
});

describe('help', () => {
  test('every command has a page with its examples, and they can be given as they are', async () => {
    for (const { words, examples } of pages) {
      const [name = ''] = words.split(' ');
      const help = await parseArguments([name, '--help']);
      assert.ok(help.command === 'text');
      assert.ok(examples.length > 0, name);
      for (const [example] of examples) {
        assert.ok(help.text.replace(/\s+/g, ' ').includes(`lab -- ${example.split(' ')[0]}`), help.text);
        assert.notEqual((await parse(example)).command, 'text', example);
      }
    }
  });

  test('the commands of docs/lab.md can be given as they are', async () => {
    const page = readFileSync(join(packageRoot, 'docs', 'lab.md'), 'utf8');
    const lines = [...page.matchAll(/^npm run lab -- ([^#\n]+)/gm)].map((match) => match[1]?.trim() ?? '');
    assert.ok(lines.length >= 10, 'the page has examples');
    for (const line of lines) assert.notEqual((await parse(line)).command, 'text', line);
  });
});
