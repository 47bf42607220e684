import type { ApiServerView } from '../../facts/values/kubernetes.js';
import type { Storage } from '../../facts/values/member.js';

/** Members differ by free pages, and the API server may have asked up to a minute before: own estimate. */
const SAME_SHARE = 0.5;
const SAME_BYTES = 64 * 1024 * 1024;

/** Whether an API server speaks of these members, by the size that etcd told it; undefined when that cannot be compared. */
export const isSameStore = (
  { dbSizeBytes, kubeconfigFrom }: ApiServerView,
  storage: Iterable<Storage>,
): boolean | undefined => {
  // That of a control-plane node is asked about the etcd of this node alone.
  if (kubeconfigFrom === 'platform') return true;
  const sizes = [...storage].map(({ sizeBytes }) => Number(sizeBytes));
  if (dbSizeBytes === null || sizes.length === 0) return undefined;
  const told = Number(dbSizeBytes);
  return sizes.some((size) => Math.abs(size - told) <= Math.max(SAME_BYTES, size * SAME_SHARE));
};
