import { alarms, config, health, items, members, status } from './cluster-views.js';
import { logs } from './logs.js';
import { metrics } from './metrics.js';
import type { View } from './view.js';

/** What `etcd-analyze show` can show, by name. */
export const views = { status, members, health, alarms, metrics, logs, config, items } as const satisfies Readonly<
  Record<string, View>
>;

export type ViewName = keyof typeof views;
