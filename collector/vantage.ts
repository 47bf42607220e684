import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Manifest } from '../schemas/index.js';

const inContainer = (): boolean => {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true;
  try {
    return /kubepods|docker|containerd|libpod|lxc/.test(readFileSync('/proc/1/cgroup', 'utf8'));
  } catch {
    return false;
  }
};

/** Where the collector runs; `host` is the token of this host, never its name. */
export const describeVantage = (host: string): Manifest['vantage'] => {
  const uid = process.geteuid?.();
  return {
    host,
    ...(uid === undefined ? {} : { uid }),
    privileged: uid === 0,
    container: inContainer(),
    kernel: release(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
};
