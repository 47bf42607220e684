import { basename } from 'node:path';
import { placeOf } from './layouts/index.js';
import type { PathMeaning } from './layouts/layout.js';
import { momentInName } from './moments.js';
import type { ForeignFile, Hint, Moment } from './types.js';

/** Others name an archive or its root after the host: `<host>-2026-01-02_03_04_05.tar.gz` (Rancher), `sosreport-<host>-...` (sos). */
const hostIn = (input: string, path: string): string | undefined =>
  /^sosreport-(.+?)(?:-\d+)?-20\d\d-\d\d-\d\d-[a-z]+(?:$|[/.])/.exec(path)?.[1] ??
  /^sosreport-(.+?)(?:-\d+)?-20\d\d-\d\d-\d\d-[a-z]+(?:$|[/.])/.exec(basename(input))?.[1] ??
  /^(.+)-20\d\d-\d\d-\d\d_\d\d_\d\d_\d\d\.tar(?:\.gz)?$/.exec(basename(input))?.[1];

export interface FileHint {
  readonly hint: Hint;
  /** Tool whose layout the path follows. */
  readonly tool?: string;
  readonly proc?: PathMeaning['proc'];
  /** The layout says that this is not of etcd's server. */
  readonly foreign?: true;
}

/** What the place, name and time of a file say before it is read; `fullPath` begins outside the input when that is a file or directory. */
export const hintOf = (file: ForeignFile, ownLabel: string, fullPath: string): FileHint => {
  const place = placeOf(fullPath);
  if (place !== undefined && place.meaning === undefined)
    return { hint: { who: { label: file.path } }, tool: place.tool, foreign: true };
  const meaning = place?.meaning;
  const byFile: Moment | undefined =
    file.modifiedAt === undefined ? undefined : { at: Math.round(file.modifiedAt), by: 'file' };
  const moment = momentInName(basename(file.path)) ?? byFile;
  const label = meaning?.who.label ?? ownLabel;
  const host =
    meaning === undefined || meaning.who.node !== undefined || meaning.who.address !== undefined
      ? undefined
      : hostIn(file.input, file.path);
  return {
    hint: {
      who: { ...(meaning?.who ?? {}), label, ...(host === undefined ? {} : { node: host }) },
      ...(moment === undefined ? {} : { moment }),
      ...(meaning?.instance === undefined ? {} : { instance: meaning.instance }),
      ...(meaning?.isServerLog === true ? { isServerLog: true } : {}),
    },
    ...(place === undefined ? {} : { tool: place.tool }),
    ...(meaning?.proc === undefined ? {} : { proc: meaning.proc }),
  };
};
