import { componentOf } from '../../kubernetes/components.js';
import { at, defined, integerOf, type Json, textOf, timeOf } from '../../kubernetes/json.js';
import { kubernetesOf, listObjects } from '../../kubernetes/lists.js';
import { defineProbe } from '../../probe.js';
import type { KubeEventsArtifact } from '../../../schemas/index.js';

const MAX_EVENTS = 100;
const MAX_PAGES = 4;
const MAX_MESSAGE = 300;

type Event = KubeEventsArtifact['events'][number];

const eventOf = (event: Json): Event[] => {
  const name = textOf(at(event, 'involvedObject', 'name')) ?? '';
  const component = componentOf(name);
  if (component === undefined) return [];
  // Events of the newer API have a series or a single time.
  const first = timeOf(event['firstTimestamp']) ?? timeOf(event['eventTime']);
  const last = timeOf(event['lastTimestamp']) ?? timeOf(at(event, 'series', 'lastObservedTime')) ?? first;
  return [
    defined({
      component,
      namespace: textOf(at(event, 'involvedObject', 'namespace')) ?? '',
      name,
      type: textOf(event['type'], 16) ?? '',
      reason: textOf(event['reason'], 64) ?? '',
      message: textOf(event['message'], MAX_MESSAGE),
      count: integerOf(event['count']) ?? integerOf(at(event, 'series', 'count')),
      first,
      last,
    }),
  ];
};

export default defineProbe({
  kind: 'kube-events',
  scope: 'cluster',
  title: 'Recent events about pods of etcd and API server',
  reads: `events of kube-system about pods of etcd and of the API server, the newest ${MAX_EVENTS}`,
  permission: 'network access to the API server; a user with list on events of kube-system',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'once',
  lane: 'kubernetes',
  source: () => 'GET <API server>/api/v1/namespaces/kube-system/events (pods)',
  run: async (context) => {
    const { server } = kubernetesOf(context);
    const readAt = new Date(context.now()).toISOString();
    // The API server has no watch cache of events: these come from etcd.
    const { items, more } = await listObjects(
      context,
      '/api/v1/namespaces/kube-system/events',
      { fieldSelector: 'involvedObject.kind=Pod' },
      { pages: MAX_PAGES, fromCache: false },
    );
    const found = items.flatMap(eventOf).sort((a, b) => ((a.last ?? '') < (b.last ?? '') ? 1 : -1));
    const events = found.slice(0, MAX_EVENTS);
    const left = found.length - events.length;
    return {
      state: more ? 'partial' : events.length === 0 ? 'empty' : 'ok',
      ...(more ? { reason: 'size-cap' as const, message: 'kube-system has more events than were read' } : {}),
      source: `GET ${server}/api/v1/namespaces/kube-system/events`,
      parts: [{ content: { readAt, complete: !more, events, ...(left === 0 ? {} : { left }) } }],
    };
  },
});
