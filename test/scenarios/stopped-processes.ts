import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { afterwards } from '../lab/lifetime.ts';
import { pidOf, quick } from './pair-acts.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';
import type { Scenario } from './scenario.ts';

const stopped = new Map<PairStage, readonly number[]>();

function stop(stage: PairStage, pids: readonly number[]): void {
  stopped.set(stage, pids);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
}

const goOn = async (stage: PairStage): Promise<void> => continueAll(stopped.get(stage) ?? []);

function continueAll(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // it has ended meanwhile
    }
}

async function postmasterOf(server: ThrowawayServer): Promise<number> {
  const pid = await server.processId();
  if (pid === null) throw new Error('no server runs');
  return pid;
}

async function allOf(server: ThrowawayServer): Promise<readonly number[]> {
  const pid = await postmasterOf(server);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [pid, ...children.trim().split(' ').map(Number)];
}

/** Whatever the advice is, the address is not touched: the standby has streamed from there. */
async function leavesConninfo(report: unknown): Promise<void> {
  const { findings, recovery, plan } = report as { findings: unknown; recovery: unknown; plan: unknown };
  const steps = JSON.stringify([findings, recovery, plan]);
  expect(steps).not.toMatch(/write the host and port|ALTER SYSTEM SET primary_conninfo|correct the address/u);
}

/** The step before the signal: a person makes sure of it. */
const nobodyTookItsPlace = async (): Promise<void> => undefined;

/** Processes that are there and do not run on, on either side. */
export const stoppedProcessPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'network/primary-hangs',
    name: 'all processes of the primary are stopped',
    byHand: nobodyTookItsPlace,
    pair: { standby: quick },
    fault: async (stage) => stop(stage, await allOf(stage.primary.server)),
    told: async (report) => {
      expect(report.findings[0]?.title).toMatch(/^The primary's postmaster is stopped \(process \d+\)$/u);
      await leavesConninfo(report);
    },
    cleanUp: goOn,
  },
  {
    rule: 'network/primary-hangs',
    name: 'its postmaster alone is stopped, and the standby was restarted since',
    byHand: nobodyTookItsPlace,
    pair: { standby: quick },
    fault: async (stage) => {
      stop(stage, [await postmasterOf(stage.primary.server)]);
      await stage.standby.restart();
    },
    consequences: ['streaming/not-connected'],
    told: leavesConninfo,
    cleanUp: goOn,
  },
  {
    rule: 'network/primary-hangs',
    name: 'what accepts connections at its address reaches nobody',
    pair: { standby: quick },
    fault: async ({ primary: { server }, standby }) => {
      await server.stop();
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(server.port, '127.0.0.1', resolve));
      const sockets = new Set<{ destroy(): void }>();
      silent.on('connection', (socket) => sockets.add(socket));
      silences.set(standby, () => {
        for (const socket of sockets) socket.destroy();
        silent.close();
      });
      afterwards(async () => silences.get(standby)?.(), 'file');
      await pause(1500);
    },
    consequences: ['streaming/not-connected'],
    byHand: async (_step, { primary, standby }) => {
      silences.get(standby)?.();
      await primary.server.start();
    },
    told: leavesConninfo,
  },
  {
    rule: 'standby/process-stopped',
    name: 'the WAL receiver',
    pair: { standby: { settings: { wal_receiver_timeout: '4s' } }, settings: { wal_sender_timeout: '3s' } },
    fault: async (stage) => {
      stop(stage, [await pidOf(stage.standby, 'walreceiver')]);
      await pause(5000);
    },
    told: async ({ findings }) => {
      expect(findings[0]?.title).toBe('The WAL receiver is stopped');
      expect(findings.map(({ rule }) => rule)).not.toContain('streaming/stalled');
    },
    consequences: ['streaming/not-seen-by-primary'],
    afterSteps: async ({ primary: { server } }) => {
      await server.configure({ wal_sender_timeout: '60s' });
      await server.reload();
    },
    cleanUp: goOn,
  },
  {
    rule: 'standby/process-stopped',
    name: 'the startup process',
    fault: async (stage) => {
      stop(stage, [await pidOf(stage.standby, 'startup')]);
      await stage.primary.server.psql('CREATE TABLE unseen AS SELECT generate_series(1, 100) AS n');
      await pause(500);
    },
    told: async ({ findings }) => {
      expect(findings[0]?.title).toBe('The startup process is stopped');
    },
    cleanUp: goOn,
  },
  {
    rule: 'primary/process-stopped',
    name: 'the WAL sender of the standby',
    fault: async (stage) => {
      stop(stage, [await pidOf(stage.primary.server, 'walsender')]);
      await stage.primary.server.psql('CREATE TABLE unsent AS SELECT generate_series(1, 100) AS n');
      await pause(500);
    },
    told: async ({ findings, verdict }) => {
      expect(findings[0]?.title).toBe('The WAL sender of this standby is stopped');
      expect(verdict).toBe('broken');
    },
    cleanUp: goOn,
  },
  {
    rule: 'standby/process-stopped',
    name: 'the postmaster',
    fault: async (stage) => stop(stage, [await postmasterOf(stage.standby)]),
    cleanUp: goOn,
  },
];

/** The same before there is a standby: nothing but its processes shows what is there. */
export const stoppedProcessScenarios: readonly Scenario[] = [
  {
    rule: 'network/primary-hangs',
    name: 'the primary is stopped by a signal',
    byHand: nobodyTookItsPlace,
    fault: async ({ primary: { server } }) => {
      preflights.set(server, await allOf(server));
      for (const pid of preflights.get(server) ?? []) process.kill(pid, 'SIGSTOP');
    },
    cleanUp: async ({ primary: { server } }) => continueAll(preflights.get(server) ?? []),
  },
  {
    rule: 'primary/process-stopped',
    name: 'the checkpointer, for which the copy would wait',
    fault: async ({ primary: { server } }) => {
      preflights.set(server, [await pidOf(server, 'checkpointer')]);
      for (const pid of preflights.get(server) ?? []) process.kill(pid, 'SIGSTOP');
    },
    cleanUp: async ({ primary: { server } }) => continueAll(preflights.get(server) ?? []),
  },
];

const preflights = new Map<ThrowawayServer, readonly number[]>();
const silences = new Map<ThrowawayServer, () => void>();
