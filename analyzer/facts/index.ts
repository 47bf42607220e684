import type { Case } from '../bundle/case.js';
import { type FactRegistry, type Facts, factsOver } from '../fact.js';
import apiServer from './cluster/api-server.js';
import alarms from './cluster/alarms.js';
import certificates from './cluster/certificates.js';
import clockOffsets from './cluster/clock-offsets.js';
import config from './cluster/config.js';
import controlPlane from './cluster/control-plane.js';
import copies from './cluster/copies.js';
import coverage from './cluster/coverage.js';
import hashes from './cluster/hashes.js';
import history from './cluster/history.js';
import keyspace from './cluster/keyspace.js';
import leaderView from './cluster/leader-view.js';
import membership from './cluster/membership.js';
import peerMatrix from './cluster/peer-matrix.js';
import quorum from './cluster/quorum.js';
import raftLag from './cluster/raft-lag.js';
import revisions from './cluster/revisions.js';
import staticPods from './cluster/static-pods.js';
import storedObjects from './cluster/stored-objects.js';
import versions from './cluster/versions.js';
import blockDevices from './host/block-devices.js';
import cpu from './host/cpu.js';
import diskActivity from './host/disk-activity.js';
import filesystems from './host/filesystems.js';
import kernelEvents from './host/kernel-events.js';
import memory from './host/memory.js';
import netConfig from './host/net-config.js';
import network from './host/network.js';
import timeSync from './host/time-sync.js';
import writers from './host/writers.js';
import applyDuration from './member/apply-duration.js';
import backendCommit from './member/backend-commit.js';
import cgroup from './member/cgroup.js';
import crashes from './member/crashes.js';
import dataCopy from './member/data-copy.js';
import dataFiles from './member/data-files.js';
import defrag from './member/defrag.js';
import fsyncProbe from './member/fsync-probe.js';
import handling from './member/handling.js';
import health from './member/health.js';
import heartbeatFailures from './member/heartbeat-failures.js';
import hostPressure from './member/host-pressure.js';
import leaderChanges from './member/leader-changes.js';
import leaderState from './member/leader-state.js';
import leases from './member/leases.js';
import log from './member/log.js';
import processSched from './member/process-sched.js';
import process from './member/process.js';
import proposals from './member/proposals.js';
import puts from './member/puts.js';
import reachability from './member/reachability.js';
import readLatency from './member/read-latency.js';
import requests from './member/requests.js';
import rtt from './member/rtt.js';
import scrapes from './member/scrapes.js';
import slowOperations from './member/slow-operations.js';
import snapFsync from './member/snap-fsync.js';
import snapshots from './member/snapshots.js';
import sockets from './member/sockets.js';
import status from './member/status.js';
import storage from './member/storage.js';
import traffic from './member/traffic.js';
import walFsync from './member/wal-fsync.js';
import walWrite from './member/wal-write.js';
import watchers from './member/watchers.js';

/** All facts, by what they are about. */
export const facts: FactRegistry = {
  cluster: {
    alarms,
    apiServer,
    certificates,
    clockOffsets,
    config,
    controlPlane,
    copies,
    coverage,
    hashes,
    history,
    keyspace,
    leaderView,
    membership,
    peerMatrix,
    quorum,
    raftLag,
    revisions,
    staticPods,
    storedObjects,
    versions,
  },
  member: {
    applyDuration,
    backendCommit,
    cgroup,
    crashes,
    dataCopy,
    dataFiles,
    defrag,
    fsyncProbe,
    handling,
    health,
    heartbeatFailures,
    hostPressure,
    leaderChanges,
    leaderState,
    leases,
    log,
    processSched,
    process,
    proposals,
    puts,
    reachability,
    readLatency,
    requests,
    rtt,
    scrapes,
    slowOperations,
    snapFsync,
    snapshots,
    sockets,
    status,
    storage,
    traffic,
    walFsync,
    walWrite,
    watchers,
  },
  host: {
    blockDevices,
    cpu,
    diskActivity,
    filesystems,
    kernelEvents,
    memory,
    netConfig,
    network,
    timeSync,
    writers,
  },
};

/** Lazy, memoised facts of a case. */
export const createFacts = (input: Case): Facts => factsOver(input, facts);

export type * from './values/index.js';
