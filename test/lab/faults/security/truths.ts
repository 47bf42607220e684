import type { Truth } from '../../truth.js';

/** One member of three has lost its peers over TLS: two are left, none may fail any more. */
export const cutOffByTls = (cause: string, also: Truth['also'] = {}): Truth => ({
  causes: [cause],
  verdict: ['intervene-now'],
  also: {
    'member-partitioned': 'the member whose peers refuse it is without a link and without a leader',
    'tls-untrusted-ca-or-client-cert': 'the refused side logs nothing but that its certificate was refused',
    ...also,
  },
});

/** Clients that check certificates cannot use one member; the cluster itself is whole. */
export const clientsRefuse = (cause: string): Truth => ({
  causes: [cause],
  verdict: ['investigate'],
  also: {
    'tls-untrusted-ca-or-client-cert': 'etcd’s own gateway calls the member with this certificate, and is refused',
  },
});
