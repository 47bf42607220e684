import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { TlsCredentials } from './etcd-client.js';

/** Body of a GET that answers 200. Throws on any other status, and after `timeoutMs`. Server certificates are not judged. */
export function get(url: string, timeoutMs: number, tls?: TlsCredentials): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const open = url.startsWith('https:') ? httpsGet : httpGet;
    const request = open(url, { agent: false, signal, rejectUnauthorized: false, ...(tls ?? {}) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url}: status ${response.statusCode}: ${body.slice(0, 200)}`));
      });
    });
    request.on('error', reject);
  });
}
