import { chmod, mkdir } from 'node:fs/promises';

import { expect } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import type { Report } from '../../src/findings/report.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import type { PrimaryOptions } from '../lab/primary.ts';
import { passSegments } from '../lab/wal.ts';
import { own, untilRefused } from './pair-acts.ts';
import { inside } from './postmortem-data-directory.ts';
import { aStage, dispose, expectStreaming, postmortem, typeSteps } from './postmortem.ts';
import type { PairStage } from './postmortem.ts';
import { expectStandby, followSteps, preflight, setTheStage, usualOptions } from './scenario.ts';
import type { Stage } from './scenario.ts';

/** Several faults at once, which have nothing to do with each other: each is a root cause of the report. */
interface Compound {
  readonly rules: readonly RuleId[];
  readonly from?: number;
}

export interface CompoundOfCopy extends Compound {
  readonly primary?: PrimaryOptions;
  readonly fault?: (stage: Stage) => Promise<unknown>;
  /** What the command line has beside the usual options. */
  readonly words?: readonly string[];
}

export interface CompoundOfStandby extends Compound {
  /** What is wrong on the primary, done while the standby is down. */
  readonly primary?: (stage: PairStage) => Promise<unknown>;
  /** A shell command in the standby's data directory, while it is down. */
  readonly standby?: string;
  /** It streams through a slot. */
  readonly slot?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** The primary no longer has the WAL that it needs. */
  readonly tooLate?: true;
}

const everyone = 'host all all 127.0.0.1/32 scram-sha-256';
const noReplication = { role: { attributes: 'LOGIN' } } satisfies PrimaryOptions;
const noEntry = { hba: [everyone] } satisfies PrimaryOptions;

async function targetForAll({ place }: Stage): Promise<void> {
  await mkdir(place.dataDirectory);
  await chmod(place.dataDirectory, 0o755);
  await own(place, place.dataDirectory);
}

export const compoundsOfCopies: readonly CompoundOfCopy[] = [
  { rules: ['hba/no-replication-entry', 'role/no-replication'], primary: { ...noEntry, ...noReplication } },
  { rules: ['target/permissions', 'hba/no-replication-entry'], primary: noEntry, fault: targetForAll },
  {
    rules: ['target/permissions', 'role/password-expired'],
    primary: { role: { attributes: "LOGIN REPLICATION VALID UNTIL '2020-01-01'" } },
    fault: targetForAll,
  },
  {
    rules: ['role/no-login', 'slot/missing'],
    primary: { role: { attributes: 'NOLOGIN REPLICATION' } },
    words: ['-S', 'standby1'],
  },
  {
    rules: ['primary/no-wal-senders', 'role/no-replication'],
    primary: { settings: { max_wal_senders: '0' }, ...noReplication },
  },
  {
    rules: ['primary/wal-level-minimal', 'hba/no-replication-entry'],
    primary: { settings: { wal_level: 'minimal', max_wal_senders: '0' }, ...noEntry },
  },
  { rules: ['command/options-conflict', 'hba/no-replication-entry'], primary: noEntry, words: ['-z'] },
  { rules: ['command/options-conflict', 'slot/missing'], words: ['-z', '-S', 'standby1'] },
  {
    rules: ['hba/rejected', 'role/no-login'],
    primary: {
      hba: ['host replication all 127.0.0.0/8 reject', 'host replication replicator 127.0.0.1/32 scram-sha-256'],
      role: { attributes: 'NOLOGIN REPLICATION' },
    },
  },
  {
    rules: ['hba/method-needs-other-password', 'slot/missing'],
    primary: { settings: { password_encryption: 'md5' } },
    words: ['-S', 'standby1'],
  },
  {
    rules: ['hba/no-replication-entry', 'role/no-replication', 'slot/missing'],
    primary: { ...noEntry, ...noReplication },
    words: ['-S', 'standby1'],
  },
  {
    rules: ['command/options-conflict', 'target/permissions', 'role/no-replication'],
    primary: noReplication,
    fault: targetForAll,
    words: ['-z'],
  },
];

const psql =
  (statement: string) =>
  async ({ primary }: PairStage): Promise<unknown> =>
    primary.server.psql(statement);

async function withoutEntry({ primary }: PairStage): Promise<void> {
  await primary.server.writeHba([everyone]);
  await primary.server.reload();
}

const lacksReplication = psql('ALTER ROLE replicator NOREPLICATION');

export const compoundsOfStandbys: readonly CompoundOfStandby[] = [
  { rules: ['standby/signal-missing', 'standby/permissions'], standby: 'rm standby.signal && chmod 0755 .' },
  {
    rules: ['standby/signal-missing', 'conninfo/missing'],
    standby: "rm standby.signal && sed -i '/^primary_conninfo/d' postgresql.auto.conf",
  },
  {
    rules: ['standby/signal-missing', 'hba/no-replication-entry'],
    standby: 'rm standby.signal',
    primary: withoutEntry,
  },
  {
    rules: ['standby/config-file-error', 'role/no-login'],
    standby: "echo 'work_mem = lots' >> postgresql.conf",
    primary: psql('ALTER ROLE replicator NOLOGIN'),
  },
  {
    rules: ['standby/permissions', 'slot/missing'],
    slot: 'standby1',
    standby: 'chmod 0755 .',
    primary: psql("SELECT pg_drop_replication_slot('standby1')"),
  },
  {
    rules: ['standby/recovery-signal-instead', 'role/no-replication'],
    standby: 'mv standby.signal recovery.signal',
    primary: lacksReplication,
  },
  {
    rules: ['standby/signal-misnamed', 'slot/missing'],
    slot: 'standby1',
    standby: 'mv standby.signal standby.signal.txt',
    primary: psql("SELECT pg_drop_replication_slot('standby1')"),
  },
  {
    // find -empty -delete
    rules: ['standby/incomplete-backup', 'standby/signal-missing'],
    standby: 'rmdir pg_notify pg_twophase pg_serial && rm standby.signal',
  },
  {
    rules: ['standby/hba-file-error', 'standby/signal-missing'],
    standby: "echo 'hots all all 10.0.0.0/8 scram-sha-256' >> pg_hba.conf && rm standby.signal",
  },
  {
    rules: ['hba/no-replication-entry', 'role/no-login'],
    primary: async (stage) => {
      await psql('ALTER ROLE replicator NOLOGIN')(stage);
      await withoutEntry(stage);
    },
  },
  {
    rules: ['recovery/settings-lower-than-primary', 'standby/permissions'],
    standby: "echo 'max_connections = 50' >> postgresql.conf && chmod 0755 .",
  },
  {
    rules: ['standby/config-file-error', 'standby/signal-missing', 'hba/no-replication-entry'],
    standby: "echo 'work_mem = lots' >> postgresql.conf && rm standby.signal",
    primary: withoutEntry,
  },
  {
    rules: ['standby/signal-missing', 'standby/permissions', 'role/no-replication'],
    standby: 'rm standby.signal && chmod 0755 .',
    primary: lacksReplication,
  },
  {
    rules: ['standby/permissions', 'role/password-expired'],
    standby: 'chmod 0755 .',
    primary: psql("ALTER ROLE replicator VALID UNTIL '2020-01-01'"),
  },
  {
    rules: ['wal/segment-removed', 'standby/path-missing'],
    tooLate: true,
    standby: `echo "hba_file = '/nowhere/pg_hba.conf'" >> postgresql.conf`,
  },
  {
    rules: ['wal/segment-removed', 'standby/config-file-error'],
    tooLate: true,
    standby: "echo 'work_mem = lots' >> postgresql.auto.conf",
  },
  {
    rules: ['wal/segment-removed', 'network/connection-refused'],
    tooLate: true,
    standby: "sed -i 's/port=[0-9]*/port=1/' postgresql.auto.conf",
  },
  {
    rules: ['wal/segment-removed', 'role/no-login', 'standby/config-file-error'],
    tooLate: true,
    standby: "echo 'work_mem = lots' >> postgresql.conf",
    primary: psql('ALTER ROLE replicator NOLOGIN'),
  },
  {
    rules: ['standby/already-primary', 'standby/config-file-error'],
    settings: { wal_log_hints: 'on', wal_keep_size: '512MB', jit: 'off' },
    standby:
      "pg_ctl start -D . -w -s -l own.log && pg_ctl promote -D . -w -s && pg_ctl stop -D . -w -s && touch standby.signal && echo 'work_mem = lots' >> postgresql.conf",
  },
  {
    rules: ['slot/missing', 'role/no-replication'],
    slot: 'standby1',
    primary: async (stage) => {
      await psql("SELECT pg_drop_replication_slot('standby1')")(stage);
      await lacksReplication(stage);
    },
  },
];

/** All root causes are named; the one plan is typed as printed, from the top; nothing is found any more; a standby streams. */
export async function playCompoundOfCopy(compound: CompoundOfCopy, release: Release): Promise<void> {
  const stage = await setTheStage(compound.primary === undefined ? {} : { primary: compound.primary }, release);
  try {
    await compound.fault?.(stage);
    const options = [...usualOptions(stage), ...(compound.words ?? [])];
    const { json, exitCode } = await preflight({}, stage, options);
    expect(exitCode).toBe(1);
    expectRootCauses(json, compound.rules);
    const steps = json.plan.steps.map(({ step }) => step);
    const corrected = await followSteps({}, stage, steps);
    await expectStandby({}, stage, corrected?.words ?? options, { ...corrected?.env });
  } finally {
    await stage.place.dispose();
    await stage.primary.server.dispose();
  }
}

export async function playCompoundOfStandby(compound: CompoundOfStandby, release: Release): Promise<void> {
  const { slot, tooLate } = compound;
  const lean = { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' };
  const settings = { ...(tooLate === true ? lean : {}), ...compound.settings };
  const stage = await aStage({ settings, ...(slot === undefined ? {} : { standby: { slot } }) }, release);
  try {
    await stage.standby.stop();
    if (compound.standby !== undefined) await inside(compound.standby)(stage);
    if (tooLate === true) {
      await passSegments(stage.primary.server, 8);
      // for the new one
      await stage.primary.server.psql("ALTER SYSTEM SET wal_keep_size = '64MB'");
      await stage.primary.server.reload();
    }
    await compound.primary?.(stage);
    if (compound.standby === undefined) {
      await stage.standby.start();
      await untilRefused(stage.standby);
    }
    const { json, exitCode } = await postmortem({}, stage);
    expect(exitCode).toBe(1);
    expectRootCauses(json, compound.rules);
    await typeSteps(
      {},
      stage,
      json.plan.steps.map(({ step }) => step),
    );
    await expectStreaming({}, stage, compound.rules);
  } finally {
    await dispose(stage);
  }
}

function expectRootCauses({ findings }: Report, rules: readonly RuleId[]): void {
  const roots = findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null);
  expect(roots.map(({ rule }) => rule).toSorted()).toEqual(rules.toSorted());
}
