/** A CycloneDX 1.5 bill of materials for one file of the release: what is inside it, and nothing that only built it. */
import { readPackageVersion } from '../../schemas/index.js';
import type { Bundled } from './packages.js';

export interface Subject {
  /** Name of the file. */
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  readonly packages: readonly Bundled[];
  /** Version and SHA-256 of the Node inside an executable. */
  readonly node?: { readonly version: string; readonly sha256: string };
}

/** A scope's `@` is written %40 in a package URL. */
const purlOf = ({ name, version }: Bundled): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

const component = (bundled: Bundled): object => {
  const [scope, bare] = bundled.name.startsWith('@') ? bundled.name.split('/') : [undefined, bundled.name];
  return {
    type: 'library',
    'bom-ref': purlOf(bundled),
    ...(scope === undefined ? {} : { group: scope }),
    name: bare,
    version: bundled.version,
    hashes: [{ alg: 'SHA-512', content: bundled.sha512 }],
    licenses: [{ expression: bundled.licence }],
    purl: purlOf(bundled),
  };
};

/** Where Node's resolution finds `name` from the package in `folder`: below it first, then below each package around it. */
const find = (folder: string, name: string, byFolder: ReadonlyMap<string, Bundled>): Bundled | undefined => {
  const around = folder.split(/(?:^|\/)node_modules\//).slice(1);
  for (let depth = around.length; depth >= 0; depth -= 1) {
    const path = ['', ...around.slice(0, depth), name].join('/node_modules/').slice(1);
    const found = byFolder.get(path);
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * The document as text. Without a time it depends on nothing but the file and the lock file; `SOURCE_DATE_EPOCH`
 * (seconds) gives it one.
 */
export const billOfMaterials = (subject: Subject, epoch: string | undefined): string => {
  const version = readPackageVersion();
  const root = `${subject.file}@${version}`;
  const byFolder = new Map(subject.packages.map((bundled) => [bundled.folder, bundled]));
  const unique = [...new Map(subject.packages.map((bundled) => [purlOf(bundled), bundled])).values()].sort((a, b) =>
    purlOf(a) < purlOf(b) ? -1 : 1,
  );
  const edges = new Map<string, Set<string>>(unique.map((bundled) => [purlOf(bundled), new Set<string>()]));
  for (const bundled of subject.packages) {
    for (const name of bundled.dependencies) {
      const found = find(bundled.folder, name, byFolder);
      if (found !== undefined) edges.get(purlOf(bundled))?.add(purlOf(found));
    }
  }
  const node = subject.node;
  const nodeRef = node === undefined ? undefined : `pkg:generic/node@${node.version}`;
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      ...(epoch === undefined ? {} : { timestamp: new Date(Number(epoch) * 1000).toISOString() }),
      component: {
        type: 'application',
        'bom-ref': root,
        name: subject.file,
        version,
        hashes: [{ alg: 'SHA-256', content: subject.sha256 }],
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: [
      ...(node === undefined
        ? []
        : [
            {
              type: 'application',
              'bom-ref': nodeRef,
              name: 'node',
              version: node.version,
              hashes: [{ alg: 'SHA-256', content: node.sha256 }],
              licenses: [{ license: { name: 'Node.js licence (MIT and those of its parts)' } }],
              purl: nodeRef,
            },
          ]),
      ...unique.map(component),
    ],
    dependencies: [
      { ref: root, dependsOn: [...(nodeRef === undefined ? [] : [nodeRef]), ...unique.map(purlOf)] },
      ...[...edges].map(([ref, to]) => ({ ref, dependsOn: [...to].sort() })),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};
