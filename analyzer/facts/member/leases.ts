import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes } from '../views.js';

const names = {
  granted: 'etcd_debugging_lease_granted_total',
  revoked: 'etcd_debugging_lease_revoked_total',
  renewed: 'etcd_debugging_lease_renewed_total',
  expired: 'etcd_debugging_server_lease_expired_total',
} as const;

export default defineFact({
  scope: 'member',
  id: 'leases',
  title: 'Leases granted, revoked, renewed and expired (the last two count on the leader)',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, Object.values(names), (scrapes) => {
      const granted = counterOf(scrapes, names.granted);
      const revoked = counterOf(scrapes, names.revoked);
      const expired = counterOf(scrapes, names.expired);
      if (granted === null && expired === null) return null;
      return {
        granted,
        revoked,
        renewed: counterOf(scrapes, names.renewed),
        expired,
        balance: granted === null || revoked === null ? null : granted.sinceStart - revoked.sinceStart,
      };
    }),
});
