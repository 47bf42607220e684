/** The licence texts that have to go along with bundled packages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../schemas/index.js';
import type { Bundled } from './packages.js';

const isLicence = (name: string): boolean => /^(licen[cs]e|copying|notice)\b/i.test(name);

/** Name, version, declared licence and licence files of every package, sorted. `node`: version of the Node inside an executable. */
export const licenceTexts = (packages: readonly Bundled[], node: string | undefined): string => {
  const unique = [...new Map(packages.map((bundled) => [`${bundled.name}@${bundled.version}`, bundled])).entries()];
  const parts = unique
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { folder, licence }]) => {
      const texts = readdirSync(join(packageRoot, folder))
        .filter(isLicence)
        .sort()
        .map((name) =>
          readFileSync(join(packageRoot, folder, name), 'utf8')
            .replaceAll('\r\n', '\n')
            .trim(),
        );
      const text = texts.length === 0 ? '(the package has no licence file)' : texts.join('\n\n');
      return `${'='.repeat(80)}\n${id}: ${licence}\n${'='.repeat(80)}\n\n${text}\n`;
    });
  const runtime =
    node === undefined
      ? ''
      : `The executable also holds Node.js ${node}; its licence, with those of its parts: https://github.com/nodejs/node/blob/v${node}/LICENSE\n\n`;
  return `Packages inside the programs of this release, with their licences.\n\n${runtime}${parts.join('\n')}`;
};
