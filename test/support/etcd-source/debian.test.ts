import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceLines, replaceStanzas } from './debian.js';

const own = new Set(['bookworm', 'stable']);

test('a deb822 stanza of the own suite is kept with the suite replaced, third-party ones are left out', () => {
  const text = [
    'Types: deb deb-src\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: /k.gpg',
    'Types: deb\nURIs: http://other.example\nSuites: bookworm-pgdg\nComponents: main',
    'Types: deb\nURIs: http://docker.example\nSuites: bookworm\nComponents: stable',
  ].join('\n\n');
  assert.equal(
    replaceStanzas(text, own, 'trixie'),
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nSigned-By: /k.gpg\n',
  );
});

test('a one-line source keeps its options', () => {
  const text =
    '# deb http://x bookworm main\ndeb [signed-by=/k.gpg] http://m/debian bookworm main non-free\ndeb http://d stable nightly\n';
  assert.equal(replaceLines(text, own, 'sid'), 'deb [signed-by=/k.gpg] http://m/debian sid main\n');
});
