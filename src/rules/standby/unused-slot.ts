import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import type { Step } from '../../facts/report.ts';
import { bytesBetween } from '../../postgres/lsn.ts';
import type { Lsn } from '../../postgres/lsn.ts';
import { literal } from '../../remedies/quoting.ts';
import { at, disruptive, manual, sql } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import type { JudgedFacts } from '../rule.ts';
import { formatBytes } from '../primary/retention.ts';
import { intoUse } from './signal.ts';

const needs = ['dataDirectory', 'standbySlots', 'localWal'] as const;
const wants = ['runningStandby', 'standbyControl'] as const;
type Facts = JudgedFacts<(typeof needs)[number], (typeof wants)[number]>;

export const unusedSlot = defineRule({
  id: 'standby/unused-slot',
  title: 'An unused slot on the standby keeps WAL',
  severity: 'warning',
  commands: ['postmortem'],
  needs,
  wants,
  docs: {
    what: 'Looks for unused replication slots on the standby itself that keep more WAL than the file system of pg_wal can spare: more than a fifth of its size, or more than its free space. If the server cannot be queried, the slots are read from pg_replslot.',
    why: 'A standby also keeps WAL for its own slots as long as they exist: for a cascading standby that is gone, or for slots that came with a file copy of the primary. Its disk fills up although it follows its primary.',
    notes:
      'A slot that is synchronized from the primary (17 and later) is never active on the standby, so it is ignored; so are logical slots of a server that cannot be queried.',
    references: ['PostgreSQL manual, section 26.2.6, Replication Slots', 'access/transam/xlog.c, KeepLogSeg()'],
  },
  judge(facts) {
    const { localWal, dataDirectory, runningStandby } = facts;
    const { fileSystem, path, segmentSize = 16 * 1024 * 1024 } = localWal;
    const idle = idleSlots(facts);
    if (ifSeen(runningStandby)?.inRecovery === false) return notApplicable('the server is a primary');
    const [most] = idle.toSorted((a, b) => (a.kept > b.kept ? -1 : 1));
    if (most === undefined) return pass('no unused slot on the standby keeps WAL (pg_replslot)');
    const kept = Number(most.kept);
    const isFull = fileSystem !== undefined && fileSystem.freeBytes < segmentSize;
    const isMuch =
      fileSystem !== undefined &&
      (kept > fileSystem.totalBytes / 5 || kept > fileSystem.freeBytes) &&
      kept > 4 * segmentSize;
    const size = formatBytes(most.kept);
    if (!isMuch && kept <= usualBytes)
      return pass(`slot ${most.name} on the standby is unused and keeps ${size} of WAL`);
    return fail({
      title: `Unused slot "${most.name}" on the standby keeps ${size} of WAL`,
      message: `Nothing uses slot "${most.name}" on the standby, but the standby keeps all WAL from its position onward: ${size} in ${path}.${isFull ? ` The file system is full: ${formatBytes(BigInt(fileSystem.freeBytes))} are left.` : ''}`,
      where: at('standby', undefined, path),
      evidence: [
        ...idle.map(({ name, kept: bytes, source }) =>
          evidence(`slot ${name}`, `unused, keeps ${formatBytes(bytes)}`, source),
        ),
        ...(fileSystem === undefined
          ? []
          : [evidence('free', formatBytes(BigInt(fileSystem.freeBytes)), `statfs ${fileSystem.mountPoint}`)]),
      ],
      remedy: disruptive(
        `Remove slot "${most.name}" if its reader is gone for good, or bring its reader back. (A standby that still needs the slot would have to be copied again.)`,
        ...withoutSlot(facts, most.name, dataDirectory.path),
      ),
    });
  },
});

/** The default of max_wal_size. */
const usualBytes = 1024 ** 3;

interface IdleSlot {
  readonly name: string;
  readonly kept: bigint;
  readonly source: string;
}

function idleSlots({ runningStandby, standbySlots, localWal }: Facts): readonly IdleSlot[] {
  const server = ifSeen(runningStandby);
  if (server !== undefined)
    return server.slots.flatMap(({ name, active, synced, retainedBytes }) =>
      active || synced === true || retainedBytes === undefined
        ? []
        : [{ name, kept: retainedBytes, source: 'pg_replication_slots' }],
    );
  const end = localWal.timelines
    .map((one) => one.last ?? one.end)
    .reduce<Lsn | undefined>((far, one) => (far === undefined || one > far ? one : far), undefined);
  return standbySlots.flatMap(({ name, type, restartLsn }) =>
    type === 'logical' || restartLsn === undefined || end === undefined || restartLsn >= end
      ? []
      : [{ name, kept: bytesBetween(restartLsn, end), source: `pg_replslot/${name}/state` }],
  );
}

/** A server that is down reads its slots anew at its start: what was moved aside can be put back. */
function withoutSlot(
  { dataDirectory, runningStandby, standbyControl }: Facts,
  name: string,
  path: string,
): readonly Step[] {
  if (runningStandby.status === 'seen')
    return [
      sql('standby', `SELECT pg_drop_replication_slot(${literal(name)});`, 'drop-slot'),
      sql('standby', 'CHECKPOINT;', 'checkpoint'),
    ];
  if (dataDirectory.postmaster?.process === 'running')
    return [
      manual(
        'standby',
        `Drop it in a session of a superuser: SELECT pg_drop_replication_slot(${literal(name)}); CHECKPOINT;`,
      ),
    ];
  return [
    moved('standby', posix.join(path, 'pg_replslot', name), posix.join(path, `unused-slot-${name}`)),
    intoUse(standbyControl, dataDirectory),
  ];
}
