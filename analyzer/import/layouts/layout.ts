import type { ArtifactKind } from '../../../schemas/index.js';
import type { Who } from '../types.js';

/** What a path says, in an archive whose layout is known. */
export interface PathMeaning {
  readonly who: Who;
  readonly isServerLog?: boolean;
  /** `current`, `previous`, a number: which of several logs of one container. */
  readonly instance?: string;
  /** A file of /proc, which only its path can tell. */
  readonly proc?: { readonly kind: ArtifactKind; readonly host: string };
}

/** Where one tool puts what concerns etcd; patterns are matched against the path within the archive. */
export interface Layout {
  readonly tool: string;
  readonly places: readonly {
    readonly pattern: RegExp;
    /** undefined: nothing of etcd's server, e.g. a side container; the file is left with that reason. */
    readonly meaning: (groups: Readonly<Record<string, string | undefined>>, path: string) => PathMeaning | undefined;
  }[];
}

/** The member of a static pod is called after its node: `etcd-<node>`. */
export const ofPod = (
  pod: string | undefined,
  container: string | undefined,
  instance?: string,
): PathMeaning | undefined => {
  if (pod === undefined || container !== 'etcd') return undefined;
  const node = pod.replace(/^etcd-/, '');
  return {
    who: { label: pod, ...(pod.startsWith('etcd-') ? { node } : {}) },
    isServerLog: true,
    ...(instance === undefined ? {} : { instance }),
  };
};
