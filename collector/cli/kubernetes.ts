import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import { errnoOf, UsageError } from '../errors.js';
import type { CollectOptions } from '../options.js';

/** `--kubeconfig`, `--no-kubernetes` and KUBECONFIG, which may be a list of files. Throws UsageError. */
export const kubernetesFrom = (
  kubeconfig: string | undefined,
  kubernetes: boolean | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Pick<CollectOptions, 'kubeconfig' | 'kubernetes'> => {
  if (kubernetes === false) {
    if (kubeconfig !== undefined)
      throw new UsageError('--kubeconfig with --no-kubernetes: one says to ask, the other not to', 'leave one out');
    return { kubernetes };
  }
  if (kubeconfig !== undefined) {
    try {
      accessSync(kubeconfig, constants.R_OK);
    } catch (error) {
      const why = errnoOf(error) === 'ENOENT' ? 'does not exist' : 'cannot be read by this user';
      throw new UsageError(
        `--kubeconfig ${kubeconfig}: ${why}`,
        'check the path; /etc/kubernetes/admin.conf of a control-plane node needs root',
      );
    }
    return { kubeconfig: { paths: [kubeconfig], from: 'flag' } };
  }
  const paths = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return paths.length === 0 ? {} : { kubeconfig: { paths, from: 'environment' } };
};
