/** Makes one CommonJS file of a program: its code, its dependencies, and the files of the package that it reads. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { type BuildOptions, build, type Plugin, transformSync } from 'esbuild';
import { listPackageFiles, packageRoot, readPackageFile, readPackageVersion } from '../../schemas/index.js';

export interface SingleFile {
  /** JavaScript, CommonJS, for Node 20 and newer. */
  readonly code: string;
  /** Paths of every module of which something is inside, from the package root, sorted. */
  readonly inputs: readonly string[];
}

export interface Program {
  readonly name: 'etcd-collect' | 'etcd-analyze';
  /** From the package root. */
  readonly entry: string;
  /** Files that `readPackageFile` finds in the build, from the package root. package.json is there always, cut to its version. */
  readonly files: readonly string[];
  /** Module that starts the program itself as a thread. */
  readonly selfStarter?: string;
  /** Module of the worker thread, for a program that starts one. */
  readonly thread?: { readonly entry: string; readonly starter: string; readonly files: readonly string[] };
}

const under = (folder: string, wanted: (path: string) => boolean = () => true): string[] =>
  listPackageFiles(folder)
    .filter(wanted)
    .map((path) => `${folder}/${path}`);

const logSignatures = 'analyzer/knowledge/log-signatures.json';

export const programs: readonly Program[] = [
  {
    name: 'etcd-collect',
    entry: 'collector/main.ts',
    files: ['deploy/kubernetes/daemonset/daemonset.yaml'],
  },
  {
    name: 'etcd-analyze',
    entry: 'analyzer/main.ts',
    files: [
      logSignatures,
      ...under('analyzer/rules', (path) => path.endsWith('.md')),
      ...under('schemas', (path) => path.endsWith('.json')),
      ...under('templates'),
    ],
    selfStarter: 'analyzer/triage/start-triage-thread.ts',
    thread: {
      entry: 'analyzer/bundle/log-thread.ts',
      starter: 'analyzer/bundle/start-log-thread.ts',
      files: [logSignatures],
    },
  },
];

/** Oldest Node that the programs are made for. The syntax is that of 16, so that an older one can still say what is wrong. */
const nodeMajor = 20;

const banner = (name: string): string =>
  [
    `/* ${name} ${readPackageVersion()}. Apache-2.0. Licences of what is bundled: THIRD-PARTY-LICENSES.txt of the release. */`,
    `if (+process.versions.node.split('.')[0] < ${nodeMajor}) { console.error('${name}: Node ' + process.versions.node + ' is too old; it needs ${nodeMajor} or newer. Nothing was done. To go on: use the executable, which needs no Node.'); process.exit(1); }`,
    // Before the first file is read: a dead file system keeps threads of this pool (collector/ports/file-queue.ts).
    ...(name === 'etcd-collect' ? ['process.env.UV_THREADPOOL_SIZE ??= "16";'] : []),
    'const __selfUrl = require("node:url").pathToFileURL(__filename).href;',
  ].join('\n');

/** `schemas/package-files.ts` with the files inside. */
const packageFiles = (files: readonly string[]): string => {
  const texts = Object.fromEntries(files.map((path) => [path, readPackageFile(path)]));
  texts['package.json'] = JSON.stringify({ version: readPackageVersion() });
  return `
const files = ${JSON.stringify(texts)};
export const readPackageFile = (path) => {
  if (!Object.hasOwn(files, path)) throw new Error(path + ' is not in this build');
  return files[path];
};
export const listPackageFiles = (folder) =>
  Object.keys(files).filter((path) => path.startsWith(folder + '/')).map((path) => path.slice(folder.length + 1)).sort();
export const loadValidators = () => require('./validators.generated.cjs');
export const readPackageVersion = () => JSON.parse(files['package.json']).version;
`;
};

/** `start-log-thread.ts` with the code of the thread inside. */
const threadStarter = (code: string): string => `
import { Worker } from 'node:worker_threads';
const code = ${JSON.stringify(code)};
export const startLogThread = (options) => new Worker(code, { ...options, eval: true });
`;

/** `start-triage-thread.ts` of a program that is one file. */
const selfStarter = `
import { Worker } from 'node:worker_threads';
export const startTriageThread = (options) => new Worker(new URL(import.meta.url), options);
`;

const etcd3Loads = /\(0, proto_loader_1\.loadSync\)\(`\$\{__dirname\}\/\.\.\/proto\/rpc\.proto`, /;

/** etcd3 reads its proto files while it loads; in the build it gets what the parser makes of them. */
const withDescriptor = (path: string): string => {
  const source = readFileSync(path, 'utf8');
  if (!etcd3Loads.test(source)) throw new Error('etcd3 loads its proto files in another way than this build knows');
  const protobuf = createRequire(createRequire(path).resolve('@grpc/proto-loader'))('protobufjs') as {
    Root: new () => { loadSync: (file: string, options: { keepCase: boolean }) => { toJSON: () => unknown } };
  };
  // The spelling of names is decided while the files are parsed; the other options of etcd3 apply to the descriptor as well.
  const file = join(dirname(path), '..', 'proto', 'rpc.proto');
  const descriptor = JSON.stringify(new protobuf.Root().loadSync(file, { keepCase: true }).toJSON());
  return source.replace(etcd3Loads, () => `(0, proto_loader_1.fromJSON)(${descriptor}, `);
};

interface Replacement {
  /** End of the path of the module. */
  readonly module: string;
  readonly contents: (path: string) => string;
  readonly loader: 'ts' | 'js';
  /** A build without it is refused. */
  readonly expected: boolean;
}

const replace = (replacements: readonly Replacement[], done: Set<string>): Plugin => ({
  name: 'replace-modules',
  setup: (setup) => {
    for (const { module, contents, loader } of replacements) {
      const filter = new RegExp(`[\\\\/]${module.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]')}$`);
      setup.onLoad({ filter }, ({ path }) => {
        done.add(module);
        return { contents: contents(path), loader, resolveDir: dirname(path) };
      });
    }
  },
});

/** A single file has no package around it: whoever looks for one fails at once. */
const noPackageRoot: Replacement = {
  module: 'schemas/package-root.ts',
  contents: () => 'export const packageRoot = undefined;',
  loader: 'ts',
  expected: true,
};

/**
 * The generated code repeats itself: minified it is a third of the collector, packed a thirtieth. It is unpacked when the program starts
 * (5 ms), and runs as any module; what it requires is named in the clear, for the bundler.
 */
const packedValidators: Replacement = {
  module: 'schemas/validators.generated.cjs',
  contents: (path) => {
    const { code } = transformSync(readFileSync(path, 'utf8'), { minify: true, treeShaking: true, format: 'cjs' });
    const packed = brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } }).toString('base64');
    const needed = [...new Set([...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? ''))].sort();
    return `
const needed = {${needed.map((name) => `${JSON.stringify(name)}: require(${JSON.stringify(name)})`).join(', ')}};
const code = require('node:zlib').brotliDecompressSync(Buffer.from('${packed}', 'base64')).toString('utf8');
new Function('require', 'module', 'exports', code)((name) => needed[name], module, exports);
`;
  },
  loader: 'js',
  expected: false,
};

const bundle = async (entry: string, head: string, own: readonly Replacement[]): Promise<SingleFile> => {
  const replacements = [noPackageRoot, packedValidators, ...own];
  const done = new Set<string>();
  const options = {
    absWorkingDir: packageRoot,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node16',
    // Without it a SEA cannot load the modules that are imported late.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__selfUrl' },
    banner: { js: head },
    tsconfigRaw: {},
    minify: true,
    // So that the stack of an internal error still says where it was.
    keepNames: true,
    legalComments: 'none',
    charset: 'ascii',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [replace(replacements, done)],
  } as const satisfies BuildOptions;
  const result = await build(options);
  if (result.warnings.length > 0) {
    throw new Error(`${entry}: ${result.warnings.map(({ text }) => text).join('; ')}`);
  }
  for (const { module, expected } of replacements) {
    if (expected && !done.has(module)) throw new Error(`${entry}: ${module} was not met`);
  }
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`${entry}: no output`);
  const inputs = Object.values(result.metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  return { code: file.text, inputs: inputs.sort() };
};

/** Builds a program. Throws when a module that needs another form in one file is not where it is expected. */
export const buildSingleFile = async (program: Program): Promise<SingleFile> => {
  const filesModule = (files: readonly string[]): Replacement => ({
    module: 'schemas/package-files.ts',
    contents: () => packageFiles(files),
    loader: 'ts',
    expected: true,
  });
  const head = banner(program.name);
  if (program.thread === undefined) {
    return bundle(program.entry, head, [
      filesModule(program.files),
      { module: 'etcd3/lib/connection-pool.js', contents: withDescriptor, loader: 'js', expected: true },
    ]);
  }
  const { entry, starter, files } = program.thread;
  const thread = await bundle(entry, 'const __selfUrl = "";', [filesModule(files)]);
  const main = await bundle(program.entry, head, [
    filesModule(program.files),
    { module: starter, contents: () => threadStarter(thread.code), loader: 'ts', expected: true },
    ...(program.selfStarter === undefined
      ? []
      : [{ module: program.selfStarter, contents: () => selfStarter, loader: 'ts', expected: true } as const]),
  ]);
  return { code: main.code, inputs: [...new Set([...main.inputs, ...thread.inputs])].sort() };
};
