import type { Layout, PathMeaning } from './layout.js';
import { mustGather } from './must-gather.js';
import { rancher } from './rancher.js';
import { sos } from './sos.js';
import { talos } from './talos.js';
import { troubleshoot } from './troubleshoot.js';

const layouts: readonly Layout[] = [mustGather, rancher, troubleshoot, talos, sos];

/** What the place of a file says: which tool puts it there and whose it is; undefined for a place no layout knows. */
export const placeOf = (
  path: string,
): { readonly tool: string; readonly meaning: PathMeaning | undefined } | undefined => {
  for (const { tool, places } of layouts)
    for (const { pattern, meaning } of places) {
      const match = pattern.exec(path);
      if (match !== null) return { tool, meaning: meaning(match.groups ?? {}, path) };
    }
  return undefined;
};

const NEVER =
  /\.(?:key|crt|pem|p12|db|snap|wal|png|jpe?g|html?|ya?ml\.gz)$|(?:^|\/)(?:secrets?|certs?|pki|tls)(?:\/|\.|$)|_audit\.log|audit_logs\//i;
const OF_ETCD = /etcd/i;

/** Whether a file of a large archive is worth its memory: `known` by its layout, `maybe` by its name, or not at all. */
export const interestOf = (path: string): 'known' | 'maybe' | undefined => {
  const place = placeOf(path);
  if (place !== undefined) return place.meaning === undefined ? undefined : 'known';
  return OF_ETCD.test(path) && !NEVER.test(path) ? 'maybe' : undefined;
};
