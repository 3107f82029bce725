/** A folder of src: what lives there, and which other folders it may import from; `types` are those of which it may import types alone. */
interface Room {
  readonly holds: string;
  readonly imports: readonly string[];
  readonly types?: readonly string[];
}

/** The rooms of the house, from the ground up. test/architecture.test.ts holds them, docs/architecture.md shows them. */
export const rooms: Readonly<Record<string, Room>> = {
  postgres: {
    holds:
      'what PostgreSQL itself defines: conninfo, pg_hba.conf, configuration files, pg_control, LSNs, timelines, log lines, and the catalogue of its messages',
    imports: [],
  },
  hosts: {
    holds: 'how a machine is reached: files, programs and sockets on this one, in a container, in a pod, or over SSH',
    imports: [],
  },
  facts: {
    holds: 'the types between checks and rules: the vocabulary of the program. Read `facts.ts` first',
    imports: [],
    types: ['postgres', 'hosts'],
  },
  findings: {
    holds: 'the types of what rules find, and of the report that findings add up to',
    imports: [],
    types: ['facts'],
  },
  recording: {
    holds: 'facts as a file: written where they are collected, read where they are judged',
    imports: ['postgres', 'facts'],
    types: ['hosts', 'findings'],
  },
  servers: {
    holds:
      'how a server is asked: the connection as libpq makes it, the replication login, one query for the catalogue',
    imports: ['postgres', 'hosts'],
    types: ['facts'],
  },
  checks: {
    holds: 'one file for each thing looked at. A check collects facts and never judges',
    imports: ['facts', 'hosts', 'servers', 'postgres'],
    types: ['findings'],
  },
  derived: {
    holds: 'what follows from facts and serves several rules: one derivation a file, a pure function',
    imports: ['postgres', 'facts', 'findings'],
  },
  remedies: {
    holds: 'builders of fixes: typed steps, each with its machine, its risk and its quoting',
    imports: ['postgres', 'facts', 'findings', 'derived'],
  },
  rules: {
    holds: '`GROUP/RULE.ts`: one file for each fault, with its page and a pure `judge(facts)`',
    imports: ['facts', 'postgres', 'findings', 'derived', 'remedies'],
  },
  diagnosis: {
    holds: 'runs checks and rules, links causes to consequences, ranks, gives the verdict and the one plan',
    imports: ['remedies', 'checks', 'rules', 'derived', 'findings', 'facts', 'postgres'],
    types: ['hosts'],
  },
  report: {
    holds: 'pure functions from a report to text and JSON',
    imports: ['postgres', 'findings'],
    types: ['facts'],
  },
  explain: {
    holds: 'what a pasted message, log, setting or command line means',
    imports: ['postgres', 'facts', 'findings', 'remedies'],
  },
  clone: {
    holds:
      'makes a standby: runs pg_basebackup, verifies the copy, starts it and watches until it streams; given what was examined and where to report it',
    imports: [
      'hosts',
      'postgres',
      'facts',
      'findings',
      'servers',
      'checks',
      'derived',
      'remedies',
      'rules',
      'diagnosis',
      'report',
    ],
  },
  fixes: {
    holds: 'applies a plan, keeps the journal, and takes it back',
    imports: ['facts', 'findings', 'hosts', 'servers', 'postgres', 'diagnosis', 'remedies', 'checks'],
  },
  throwaway: {
    holds: 'servers and containers made for a while: what the demo and the tests break',
    imports: ['hosts', 'postgres', 'facts', 'findings', 'report', 'remedies', 'servers'],
  },
  cli: {
    holds: 'one file for each command: options in, an exit status out',
    imports: [
      ...['checks', 'clone', 'derived', 'diagnosis', 'explain', 'facts', 'findings', 'fixes', 'hosts'],
      ...['postgres', 'recording', 'remedies', 'report', 'rules', 'servers', 'throwaway'],
    ],
  },
  api: {
    holds: "what `import … from 'standbylint'` gives: rules of one's own, and an examination as a function",
    imports: ['cli', 'rules', 'findings', 'facts'],
  },
};
