import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { profiles } from '../../../collector/platforms/index.js';
import type { PlatformProfile } from '../../../collector/platforms/profile.js';
import { catalog, packageRoot } from '../../../schemas/index.js';

const headings = ['Where etcd is', 'What you need', 'Run it', 'What you cannot get and who can', 'Notes'];

const pageOf = (name: string): string => readFileSync(join(packageRoot, 'docs/platforms', `${name}.md`), 'utf8');

const pathsOf = ({ dataDirs, settings, identities, logs, kubeconfigs = [], ports }: PlatformProfile): string[] => [
  ...kubeconfigs,
  ...dataDirs,
  ...settings.map(({ path }) => path),
  ...identities.flatMap(({ ca, cert, key }) => [ca, cert, key]),
  ...logs.map((place) => (place.kind === 'journal' ? place.unit : place.kind === 'pod' ? place.pod : place.path)),
  ...(ports.client === undefined ? [] : [ports.client]),
  ...ports.metrics,
];

const commandsOf = ({ suppliers, offLimits }: PlatformProfile): string[] =>
  [...Object.values(suppliers), ...offLimits].map(({ command }) => command);

describe('platform profiles', () => {
  test('every profile file is listed and has its page; no page is without a profile', () => {
    const notProfiles = /^(apiserver|detect|expand|identity|index|look|pod-file|profile|stopped|stopped-place)\.ts$/;
    const files = readdirSync(join(packageRoot, 'collector/platforms')).filter((file) => !notProfiles.test(file));
    assert.deepEqual(files.map((file) => file.replace(/\.ts$/, '')).sort(), profiles.map(({ name }) => name).sort());
    const pages = readdirSync(join(packageRoot, 'docs/platforms')).filter((file) => file !== 'README.md');
    assert.deepEqual(pages.map((file) => file.replace(/\.md$/, '')).sort(), profiles.map(({ name }) => name).sort());
    for (const { name } of profiles) assert.ok(pageOf('README').includes(`](${name}.md)`), name);
  });

  for (const profile of profiles) {
    test(`${profile.name}: the page has the headings, the paths and the commands of the profile`, () => {
      const page = pageOf(profile.name);
      assert.deepEqual(
        [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading),
        headings,
      );
      // A bar inside a table is written with a backslash.
      const text = page.replaceAll('\\|', '|');
      for (const part of [...pathsOf(profile), ...commandsOf(profile)]) assert.ok(text.includes(part), part);
    });

    test(`${profile.name}: can be recognised, and says who can supply what`, () => {
      assert.ok(profile.signs.some(({ points }) => points >= 3));
      for (const { who, command } of [...Object.values(profile.suppliers), ...profile.offLimits]) {
        assert.ok(who.length > 3);
        assert.ok(command.length > 3);
        assert.doesNotMatch(command, /[\n\r]/);
      }
      for (const kind of profile.offLimits.flatMap(({ kinds }) => kinds)) assert.ok(Object.hasOwn(catalog, kind), kind);
      for (const { ca, cert, key } of profile.identities) {
        assert.equal(cert.includes('*'), key.includes('*'), `${cert}: certificate and key are found alike`);
        for (const path of [ca, cert, key]) assert.match(path, /^\//);
      }
    });
  }
});
