/**
 * Makes the files of a release: `package.js [--out DIR] [--no-executable]`, by default into dist/release. Each program as one file for
 * Node 20 and newer, the collector also as an executable for this platform, their bills of materials, the licences, what is in deploy/, SHA256SUMS.
 * The same sources, lock file and Node give the same bytes, wherever and whenever it runs.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { listPackageFiles, packageRoot, readPackageFile } from '../schemas/index.js';
import { buildExecutable } from './package/executable.js';
import { licenceTexts } from './package/licences.js';
import { type Bundled, bundledPackages } from './package/packages.js';
import { billOfMaterials } from './package/sbom.js';
import { buildSingleFile, programs } from './package/single-file.js';

/** The collector has to go through narrow doors; the analyzer only on a desk. */
const maxBytes = { 'etcd-collect': 2_000_000, 'etcd-analyze': 3_000_000 } as const;

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** The default place is emptied; one that was named must be empty. */
const outputOf = (args: readonly string[]): string => {
  const at = args.indexOf('--out');
  const named = at === -1 ? undefined : args[at + 1];
  if (at !== -1 && (named === undefined || named === '')) throw new Error('--out needs a directory');
  const out = named === undefined ? join(packageRoot, 'dist', 'release') : resolve(named);
  if (named === undefined) rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  if (readdirSync(out).length > 0) throw new Error(`${out} is not empty`);
  return out;
};

const main = async (args: readonly string[]): Promise<void> => {
  const out = outputOf(args);
  const epoch = process.env.SOURCE_DATE_EPOCH;
  const sums = new Map<string, string>();
  const write = (file: string, content: string, mode = 0o644): string => {
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), content);
    chmodSync(join(out, file), mode);
    const sum = sha256(content);
    sums.set(file, sum);
    return sum;
  };
  const all: Bundled[] = [];
  let nodeInside: string | undefined;
  for (const program of programs) {
    const { code, inputs } = await buildSingleFile(program);
    const size = Buffer.byteLength(code);
    if (size > maxBytes[program.name])
      throw new Error(`${program.name}.cjs has ${size} bytes, more than ${maxBytes[program.name]}`);
    const packages = bundledPackages(inputs);
    all.push(...packages);
    const file = `${program.name}.cjs`;
    write(`${file}.cdx.json`, billOfMaterials({ file, sha256: write(file, code, 0o755), packages }, epoch));
    if (program.name !== 'etcd-collect' || args.includes('--no-executable')) continue;
    const executable = `${program.name}-${process.platform}-${process.arch}`;
    const { node } = buildExecutable(code, join(out, executable));
    nodeInside = node.version;
    const sum = sha256(readFileSync(join(out, executable)));
    sums.set(executable, sum);
    write(`${executable}.cdx.json`, billOfMaterials({ file: executable, sha256: sum, packages, node }, epoch));
  }
  write('THIRD-PARTY-LICENSES.txt', licenceTexts(all, nodeInside));
  write('LICENSE', readPackageFile('LICENSE'));
  write('air-gap.md', readPackageFile('docs/air-gap.md'));
  for (const file of listPackageFiles('deploy')) write(file, readPackageFile(`deploy/${file}`));
  const lines = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, sum]) => `${sum}  ${file}\n`);
  writeFileSync(join(out, 'SHA256SUMS'), lines.join(''));
  process.stdout.write(lines.join(''));
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`The release was not made: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
