import type { PrimaryStart } from '../../../src/facts/primary-start.ts';
import { nextStartFails } from '../../../src/rules/primary/next-start-fails.ts';
import { testRule } from '../rule-tester.ts';
import { aPrimary } from '../world.ts';

const directory = '/var/lib/postgresql/15/main';
const file = '/etc/postgresql/15/main/pg_hba.conf';
const start = (change: Partial<PrimaryStart>): PrimaryStart => ({
  dataDirectory: directory,
  files: [],
  hba: { file, missing: false },
  account: 'postgres',
  ...change,
});
const closedTo = (own: boolean) =>
  start({
    hba: {
      file,
      missing: false,
      closed: {
        path: file,
        kind: 'file',
        owner: own ? { uid: 101, name: 'postgres' } : { uid: 0, name: 'root' },
        own,
        mode: own ? 0 : 0o600,
        wanted: 'read',
      },
    },
  });

testRule(nextStartFails, {
  passes: [
    {
      name: 'a standby has its signal file, and a backup label until it is consistent',
      facts: {
        primaryStart: start({ files: ['standby.signal', 'backup_label'] }),
        primary: aPrimary({ inRecovery: true }),
      },
    },
    {
      name: 'up to release 14 an exclusive backup makes the label',
      facts: { primaryStart: start({ files: ['backup_label'] }), primary: aPrimary({ version: '14.9', major: 14 }) },
    },
  ],
  fails: [
    {
      name: 'standby.signal',
      facts: { primaryStart: start({ files: ['standby.signal'] }) },
      severity: 'error',
      steps: [`mv ${directory}/standby.signal ${directory}/standby.signal.before-2026-11-21T200000`],
    },
    {
      name: 'recovery.signal, and a mode that others may read',
      facts: { primaryStart: start({ files: ['recovery.signal'], openMode: 0o755 }) },
      severity: 'error',
      steps: [
        `mv ${directory}/recovery.signal ${directory}/recovery.signal.before-2026-11-21T200000`,
        `chmod 0700 ${directory}`,
      ],
    },
    {
      name: 'recovery.conf, of a standby too',
      facts: { primaryStart: start({ files: ['recovery.conf'] }), primary: aPrimary({ inRecovery: true }) },
      severity: 'warning',
    },
    {
      name: 'backup_label, where no exclusive backup makes it',
      facts: { primaryStart: start({ files: ['backup_label'] }) },
      severity: 'warning',
      message: /recovers from the checkpoint that it names/u,
    },
    {
      name: 'pg_hba.conf does not exist',
      facts: { primaryStart: start({ hba: { file, missing: true } }) },
      severity: 'warning',
      message: /pg_hba\.conf does not exist/u,
    },
    {
      name: 'pg_hba.conf has no entry',
      facts: { hbaRules: { file, lines: [], changedSinceLoad: false } },
      severity: 'warning',
      message: /has no entry/u,
    },
    {
      name: 'pg_hba.conf is closed by its mode',
      facts: { primaryStart: closedTo(true) },
      severity: 'warning',
      steps: [`chmod 0600 ${file}`],
    },
    {
      name: "pg_hba.conf is root's",
      facts: { primaryStart: closedTo(false) },
      severity: 'warning',
      steps: [`As root: chown postgres: ${file} && chmod u+r ${file}`],
    },
    {
      name: 'a key that others may read',
      facts: {
        primaryStart: start({ key: { file: `${directory}/server.key`, problem: 'open', mode: 0o644 } }),
      },
      severity: 'warning',
      steps: [`chmod 0600 ${directory}/server.key`],
    },
    {
      name: "a key of root's that all may read",
      facts: {
        primaryStart: start({ key: { file: '/etc/ssl/private/db.key', problem: 'open', mode: 0o644, ofRoot: true } }),
      },
      severity: 'warning',
      steps: ['As root: chmod 0640 /etc/ssl/private/db.key'],
    },
    {
      name: 'no key',
      facts: { primaryStart: start({ key: { file: `${directory}/server.key`, problem: 'missing' } }) },
      severity: 'warning',
    },
  ],
});
