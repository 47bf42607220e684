import { type ArtifactKind, artifactKinds, catalog, pathOf, type Target } from '../../schemas/index.js';

export interface PathParts {
  readonly kind: ArtifactKind;
  readonly target: Target;
  readonly round?: number;
  readonly instance?: string;
}

interface Template {
  readonly kind: ArtifactKind;
  readonly pattern: RegExp;
}

const PLACE = 'TARGET-PLACE';

const escaped = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A pattern made from what `pathOf` gives for a placeholder, so that paths stay known in one place only. */
const templateOf = (kind: ArtifactKind): Template => {
  const target: Target = { kind: catalog[kind].scope, id: PLACE };
  const path = pathOf(kind, target);
  const takesSuffix = pathOf(kind, target, { round: 0 }) !== path;
  const dot = path.lastIndexOf('.');
  const suffix = !takesSuffix
    ? ''
    : catalog[kind].repeats === 'instances'
      ? '(?:-(?<instance>[^/]+))?'
      : '(?:-(?<round>\\d{1,9}))?';
  const stem = escaped(path.slice(0, dot)).replace(escaped(PLACE), '(?<id>[^/]+)');
  return { kind, pattern: new RegExp(`^${stem}${suffix}${escaped(path.slice(dot))}$`) };
};

const templates: readonly Template[] = artifactKinds.map(templateOf);

/**
 * Inverse of `pathOf` for paths below the bundle root, for bundles without manifest; undefined for paths of no kind.
 * Ids and instances come back as path segments: what `segment` replaced is lost.
 */
export const parsePath = (path: string): PathParts | undefined => {
  for (const { kind, pattern } of templates) {
    const groups = pattern.exec(path)?.groups ?? (pattern.test(path) ? {} : undefined);
    if (groups === undefined) continue;
    const { scope } = catalog[kind];
    return {
      kind,
      target: { kind: scope, id: groups.id ?? scope },
      ...(groups.round === undefined ? {} : { round: Number(groups.round) }),
      ...(groups.instance === undefined ? {} : { instance: groups.instance }),
    };
  }
  return undefined;
};
