import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnsupportedFormat } from '../../../analyzer/bundle/errors.js';
import { checkFormat, checkMinReader, isLater, upgradeManifest } from '../../../analyzer/bundle/upgrade.js';

const own = { major: 2, minor: 3 };

describe('formats', () => {
  it('orders versions', () => {
    assert.equal(isLater({ major: 2, minor: 0 }, { major: 1, minor: 9 }), true);
    assert.equal(isLater({ major: 1, minor: 9 }, { major: 1, minor: 10 }), false);
    assert.equal(isLater(own, own), false);
  });
  it('accepts a later minor and refuses a later major', () => {
    checkFormat({ major: 2, minor: 9 }, own);
    checkFormat({ major: 1, minor: 0 }, own);
    assert.throws(() => checkFormat({ major: 3, minor: 0 }, own), UnsupportedFormat);
  });
  it('obeys the reader that the manifest asks for', () => {
    checkMinReader({ major: 2, minor: 3 }, own);
    assert.throws(() => checkMinReader({ major: 2, minor: 4 }, own), /2\.4/);
  });
  it('takes the steps from the format on, in order', () => {
    const step = (minor: number) => ({
      from: { major: 1, minor },
      manifest: (value: unknown) => `${value}>${minor + 1}`,
    });
    const steps = [step(0), step(1), step(2)];
    assert.equal(upgradeManifest({ major: 1, minor: 1 }, '1', steps), '1>2>3');
    assert.equal(upgradeManifest({ major: 1, minor: 3 }, '3', steps), '3');
  });
});
