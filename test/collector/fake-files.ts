import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFilesPort, type FilesPort } from '../../collector/ports/files.js';
import { ProbeError } from '../../collector/probe.js';

export interface FakeHost {
  readonly root: string;
  readonly files: FilesPort;
  /** Makes a file; `->path` as content makes a link. */
  readonly put: (path: string, content: string | Buffer) => void;
  readonly remove: () => void;
}

/** A host below a temporary directory; `denied` paths answer as if rights were missing. */
export const fakeHost = (denied: readonly string[] = []): FakeHost => {
  const root = mkdtempSync(join(tmpdir(), 'fake-host-'));
  const real = createFilesPort();
  const at = (path: string): string => {
    if (denied.some((prefix) => path.startsWith(prefix))) {
      throw new ProbeError('denied', 'file-access', `${path} may not be read`, { permission: 'root' });
    }
    return join(root, path);
  };
  const files: FilesPort = {
    readText: async (path, options) => real.readText(at(path), options),
    readRange: async (path, start, length, signal) => real.readRange(at(path), start, length, signal),
    open: async (path, signal) => real.open(at(path), signal),
    readPseudo: (paths) =>
      paths.map((path) =>
        denied.some((prefix) => path.startsWith(prefix)) ? undefined : real.readPseudo([at(path)])[0],
      ),
    list: async (path, signal) => real.list(at(path), signal),
    stat: async (path, options) => real.stat(at(path), options),
    readLink: async (path) => (await real.readLink(at(path))).replace(root, ''),
    realPath: async (path, signal) => (await real.realPath(at(path), signal)).replace(root, ''),
    statfs: async (path, signal) => real.statfs(at(path), signal),
  };
  return {
    root,
    files,
    put: (path, content) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (typeof content === 'string' && content.startsWith('->')) symlinkSync(content.slice(2), join(root, path));
      else writeFileSync(join(root, path), content);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};
