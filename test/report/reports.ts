import type { Finding, Report } from '../../src/findings/report.ts';

/** The finding of the mock-up, with every part that a finding can have. */
export const aFinding = (change: Partial<Finding> = {}): Finding => ({
  id: 'f1',
  rule: 'hba/no-replication-entry',
  severity: 'error',
  title: 'pg_hba.conf has no entry that lets replicator in for replication',
  message:
    'The server matches lines from the top for (database replication, user replicator, address 10.0.0.7, no encryption) and finds none.',
  where: { side: 'primary', host: 'db1', file: '/etc/postgresql/15/main/pg_hba.conf', line: 97 },
  evidence: [{ label: 'address', value: '10.0.0.7', source: 'the replication login' }],
  frame: {
    side: 'primary',
    file: '/etc/postgresql/15/main/pg_hba.conf',
    lines: [
      { number: 94, text: 'host\tall\tall\t10.0.0.0/8', remark: '"all" is not replication' },
      {
        number: 97,
        text: 'host replication replicator 10.0.1.0/24 scram-sha-256',
        remark: '10.0.0.7 is outside',
      },
    ],
  },
  causedBy: null,
  causes: [],
  remedy: {
    summary: 'Let this role in from this address, and reload.',
    risk: 'safe',
    steps: [
      {
        on: 'primary',
        kind: 'shell',
        does: 'run',
        text: "cp -p /etc/postgresql/15/main/pg_hba.conf /etc/postgresql/15/main/pg_hba.conf.before-2026-11-21T200000 &&\nprintf '\\n%s\\n' '# a\tline' >> /etc/postgresql/15/main/pg_hba.conf",
      },
      { on: 'primary', kind: 'sql', does: 'reload', text: 'SELECT pg_reload_conf();' },
      {
        on: 'client',
        kind: 'manual',
        does: 'by-hand',
        text: 'Run this again, and where it says that nothing stands in the way, run pg_basebackup.',
      },
    ],
  },
  docs: 'docs/rules/hba/no-replication-entry.md',
  ...change,
});

export const aReport = (change: Partial<Report> = {}): Report => ({
  schemaVersion: '1.2',
  tool: { name: 'standbylint', version: '0.1.0' },
  command: 'preflight',
  startedAt: '2026-11-21T20:07:02.707Z',
  elapsedMs: 181,
  subject: { primary: 'db1:5432', standby: null, dataDirectory: '/var/lib/postgresql/15/main', serverVersion: '15.18' },
  verdict: 'ready',
  complete: true,
  summary: { error: 0, warning: 0, info: 0, passed: 61, unexamined: 0, notApplicable: 9 },
  findings: [],
  recovery: null,
  notShown: [],
  plan: { summary: null, risk: 'safe', steps: [], alternatives: [] },
  acceptedUnexamined: [],
  rules: [{ id: 'command/no-sync', outcome: 'passed', because: 'pg_basebackup waits' }],
  ...change,
});

/** The same with so many findings. */
export const with500 = (report: Report): Report => ({
  ...report,
  summary: { ...report.summary, error: 500, warning: 0, info: 0 },
  rules: [
    ...report.rules.filter(({ outcome }) => outcome !== 'failed'),
    { id: 'hba/no-replication-entry', outcome: 'failed', because: null },
  ],
  findings: Array.from({ length: 500 }, (_, index) =>
    aFinding({ id: `f${index + 1}`, title: `Role "r${index}" has no entry in pg_hba.conf` }),
  ),
});
