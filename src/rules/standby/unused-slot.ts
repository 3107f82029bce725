import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import type { Remedy, Step } from '../../findings/report.ts';
import { bytesBetween } from '../../postgres/lsn.ts';
import type { Lsn } from '../../postgres/lsn.ts';
import { literal } from '../../remedies/quoting.ts';
import { disruptive, manual, sql } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { formatBytes, formatCount } from '../../postgres/bytes.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import type { Fault } from '../../findings/judgement.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

const needs = ['dataDirectory', 'standbySlots', 'localWal'] as const;
const wants = ['runningStandby', 'standbyControl', 'controlFile'] as const;
type Facts = JudgedFacts<(typeof needs)[number], (typeof wants)[number]>;

export const unusedSlot = defineRule({
  id: 'standby/unused-slot',
  title: 'A slot on the standby is unused and keeps what it needs',
  severity: 'warning',
  commands: ['postmortem'],
  needs,
  wants,
  explains: ['wal/disk-full'],
  docs: {
    what: 'Looks for unused replication slots on the standby itself that keep more WAL than the file system of pg_wal can spare: more than a fifth of its size, or more than its free space. That is an error once no other segment fits. With hot_standby_feedback it also warns of an unused slot whose xmin holds back vacuum on the primary. If the server cannot be queried, the slots are read from pg_replslot.',
    why: 'A standby also keeps WAL for its own slots as long as they exist: for a cascading standby that is gone, or for slots that came with a file copy of the primary. Its disk fills up although it follows its primary.',
    notes:
      'A slot that is synchronized from the primary (17 and later) is never active on the standby, so it is ignored; so are logical slots of a server that cannot be queried.',
    references: [
      'Replication Slots: https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS',
      'src/backend/access/transam/xlog.c: KeepLogSeg()',
    ],
  },
  judge(facts) {
    if (ifSeen(facts.runningStandby)?.inRecovery === false) return notApplicable('the server is a primary');
    const faults = [keepsWal(facts), holdsVacuum(facts)].filter((fault) => fault !== undefined);
    const [first, ...others] = faults;
    return first === undefined
      ? pass('no slot of the standby keeps much that nothing reads (pg_replslot)')
      : fail(first, ...others);
  },
});

function keepsWal(facts: Facts): Fault | undefined {
  const { fileSystem, path, segmentSize = 16 * 1024 * 1024 } = facts.localWal;
  const idle = idleSlots(facts);
  const [most] = idle.toSorted((a, b) => (a.kept > b.kept ? -1 : 1));
  if (most === undefined) return undefined;
  const kept = Number(most.kept);
  const isFull = fileSystem !== undefined && fileSystem.freeBytes < segmentSize;
  const isLarge =
    fileSystem !== undefined &&
    (kept > fileSystem.totalBytes / 5 || kept > fileSystem.freeBytes) &&
    kept > 4 * segmentSize;
  if (!isLarge && kept <= usualBytes) return undefined;
  const size = formatBytes(most.kept);
  // what recovery itself has to read again stays without the slot, too
  const filled = isFull && Number(most.beforeRedo ?? most.kept) > fileSystem.totalBytes / 5;
  return {
    ...(filled ? { severity: 'error' as const } : {}),
    title: `Unused slot "${most.name}" on the standby keeps ${size} of WAL`,
    message: `Nothing uses slot "${most.name}" on the standby, but the standby keeps all WAL from its position onward: ${size} in ${path}.${isFull ? ` The file system is full: ${formatBytes(BigInt(fileSystem.freeBytes))} are left.` : ''}`,
    where: at('standby', undefined, path),
    evidence: [
      ...idle.map((slot) => evidence(`slot ${slot.name}`, `unused, keeps ${formatBytes(slot.kept)}`, slot.source)),
      ...(fileSystem === undefined
        ? []
        : [evidence('free', formatBytes(BigInt(fileSystem.freeBytes)), `statfs ${fileSystem.mountPoint}`)]),
    ],
    remedy: removing(
      facts,
      most.name,
      ...(isFull
        ? [
            manual(
              'standby',
              `If ${fileSystem.mountPoint} still has less than ${formatBytes(segmentSize)} free, make room there for two segments (${formatBytes(2 * segmentSize)}), or enlarge it. Do not touch any file in ${path}: the next restartpoint removes what the slot kept.`,
            ),
          ]
        : []),
    ),
  };
}

/** What its reader had to see goes to the primary with the standby's own feedback (walreceiver.c, XLogWalRcvSendHSFeedback). */
function holdsVacuum(facts: Facts): Fault | undefined {
  const server = ifSeen(facts.runningStandby);
  if (server?.settings.get('hot_standby_feedback')?.value !== 'on') return undefined;
  const [oldest] = server.slots
    .filter(({ active, synced, xminAge }) => !active && synced !== true && (xminAge ?? 0) >= manyTransactions)
    .toSorted((a, b) => (b.xminAge ?? 0) - (a.xminAge ?? 0));
  if (oldest === undefined) return undefined;
  const age = formatCount(oldest.xminAge ?? 0);
  return {
    title: `Unused slot "${oldest.name}" on the standby holds back vacuum`,
    message: `Nothing uses slot "${oldest.name}" on the standby, but it keeps the horizon of its last reader, ${age} transactions ago. With hot_standby_feedback the standby sends that to its primary, where vacuum removes no row version that is younger.`,
    where: at('standby'),
    evidence: [
      evidence(`slot ${oldest.name}`, `unused, xmin ${age} transactions old`, 'pg_replication_slots'),
      evidence('hot_standby_feedback', 'on', 'pg_settings'),
    ],
    remedy: removing(facts, oldest.name),
  };
}

/**
 * `room`: a restartpoint that is no newer than the last one removes nothing, and the last one was made when the file system
 * was full (xlog.c, CreateRestartPoint): the WAL up to the next checkpoint has to find room first.
 */
const removing = (facts: Facts, name: string, ...room: readonly Step[]): Remedy =>
  disruptive(
    `Remove slot "${name}" if its reader is gone for good, or bring its reader back. (A standby that still needs the slot would have to be copied again.)`,
    ...withoutSlot(facts, name, facts.dataDirectory.path),
    ...room,
  );

/** autovacuum_vacuum_threshold is 50 rows; so few transactions are no bloat. */
const manyTransactions = 10_000;

/** The default of max_wal_size. */
const usualBytes = 1024 ** 3;

interface IdleSlot {
  readonly name: string;
  readonly kept: bigint;
  /** Of it, what is older than the last restartpoint. */
  readonly beforeRedo: bigint | undefined;
  readonly source: string;
}

function idleSlots({ runningStandby, standbySlots, localWal, controlFile }: Facts): readonly IdleSlot[] {
  const control = ifSeen(controlFile);
  const beforeRedo = (from: Lsn | undefined): bigint | undefined => {
    if (control?.ok !== true || from === undefined) return undefined;
    const { redo } = control.value.checkpoint;
    return redo > from ? bytesBetween(from, redo) : 0n;
  };
  const server = ifSeen(runningStandby);
  if (server !== undefined)
    return server.slots.flatMap(({ name, active, synced, retainedBytes, restartLsn }) =>
      active || synced === true || retainedBytes === undefined
        ? []
        : [{ name, kept: retainedBytes, beforeRedo: beforeRedo(restartLsn), source: 'pg_replication_slots' }],
    );
  const end = localWal.timelines
    .map((one) => one.last ?? one.end)
    .reduce<Lsn | undefined>((far, one) => (far === undefined || one > far ? one : far), undefined);
  return standbySlots.flatMap(({ name, type, restartLsn }) =>
    type === 'logical' || restartLsn === undefined || end === undefined || restartLsn >= end
      ? []
      : [
          {
            name,
            kept: bytesBetween(restartLsn, end),
            beforeRedo: beforeRedo(restartLsn),
            source: `pg_replslot/${name}/state`,
          },
        ],
  );
}

/** A server that is down reads its slots again at its start: what was moved aside can be put back. */
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
