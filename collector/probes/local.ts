import blockDevices from './host/block-devices.js';
import cpuStat from './host/cpu-stat.js';
import diskstats from './host/diskstats.js';
import filesystems from './host/filesystems.js';
import hostCpu from './host/host-cpu.js';
import hostOs from './host/host-os.js';
import hostProcesses from './host/host-processes.js';
import kernelLog from './host/kernel-log.js';
import loadavg from './host/loadavg.js';
import meminfo from './host/meminfo.js';
import netConfig from './host/net-config.js';
import netCounters from './host/net-counters.js';
import psi from './host/psi.js';
import staticPods from './host/static-pods.js';
import timeSync from './host/time-sync.js';
import vmstat from './host/vmstat.js';
import crashMarkers from './logs/crash-markers.js';
import serverLog from './logs/server-log.js';
import cgroup from './server/cgroup.js';
import datadirDb from './server/datadir-db.js';
import datadirListing from './server/datadir-listing.js';
import datadirSnap from './server/datadir-snap.js';
import datadirWal from './server/datadir-wal.js';
import process from './server/process.js';
import serverCertificates from './server/server-certificates.js';
import serverConfig from './server/server-config.js';
import serverLimits from './server/server-limits.js';
import sockets from './server/sockets.js';

/** Every probe that looks at the host of the collector and at the members that run there, in order of worth. */
export const localProbes = [
  process,
  cgroup,
  psi,
  diskstats,
  cpuStat,
  vmstat,
  meminfo,
  loadavg,
  netCounters,
  hostProcesses,
  sockets,
  serverConfig,
  filesystems,
  datadirListing,
  serverLimits,
  serverCertificates,
  hostOs,
  hostCpu,
  blockDevices,
  netConfig,
  timeSync,
  staticPods,
  kernelLog,
  datadirSnap,
  datadirWal,
  datadirDb,
  crashMarkers,
  serverLog,
] as const;
