import { ifSeen } from '../facts/observed.ts';
import { integerOf } from '../facts/settings.ts';
import { settingsNotLowerOnStandby } from '../postgres/settings.ts';
import { derived } from './derived.ts';
import type { SeenBy } from './derived.ts';

export type RequiredSetting = (typeof settingsNotLowerOnStandby)[number];

export type Requirements = ReadonlyMap<RequiredSetting, { readonly value: number; readonly source: string }>;

const goesBy = { needs: [], wants: ['controlFile', 'primarySettings', 'primary'] } as const;
export type RequirementsSeen = SeenBy<typeof goesBy>;

/** What the standby must have at least: the higher of what the replayed WAL says and what the primary has now. */
export const requirements = derived(goesBy, (facts): Requirements => {
  const read = ifSeen(facts.controlFile);
  const control = read?.ok === true ? read.value : undefined;
  // a standby above may have higher settings of its own: what counts is in the WAL, and that comes from the primary
  const primary = ifSeen(facts.primary)?.inRecovery === true ? undefined : ifSeen(facts.primarySettings);
  const inControlFile: Readonly<Record<RequiredSetting, number>> | undefined = control && {
    max_connections: control.maxConnections,
    max_worker_processes: control.maxWorkerProcesses,
    max_wal_senders: control.maxWalSenders,
    max_prepared_transactions: control.maxPreparedTransactions,
    max_locks_per_transaction: control.maxLocksPerTransaction,
  };
  const required = new Map<RequiredSetting, { readonly value: number; readonly source: string }>();
  for (const name of settingsNotLowerOnStandby) {
    const inWal = inControlFile?.[name];
    const there = primary === undefined ? undefined : integerOf(primary, name);
    if (there !== undefined && there > (inWal ?? -1)) required.set(name, { value: there, source: 'the primary' });
    else if (inWal !== undefined) required.set(name, { value: inWal, source: 'the control file' });
  }
  return required;
});

/** Those that are set, and lower than they must be. */
export function tooLow(
  required: Requirements,
  valueOf: (name: RequiredSetting) => string | undefined,
): readonly RequiredSetting[] {
  return [...required].flatMap(([name, { value }]) => {
    const set = valueOf(name);
    return set !== undefined && Number(set) < value ? [name] : [];
  });
}
