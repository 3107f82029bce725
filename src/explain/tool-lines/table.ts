import { textTable } from '../../postgres/text-table.ts';
import type { Answer } from '../answer.ts';
import { phrases } from '../phrases/phrases.ts';
import type { Phrases } from '../phrases/phrases.ts';
import { literalWords, wordsFromText } from '../phrases/phrase-words.ts';
import { linesOfAutoFailoverMonitors } from './auto-failover-monitor.ts';
import { linesOfAutoFailoverNodes } from './auto-failover-nodes.ts';
import { linesOfAutoFailoverRegistrations } from './auto-failover-registration.ts';
import { linesOfAutoFailoverServices } from './auto-failover-service.ts';
import { linesOfBarmanBackups } from './barman-backups.ts';
import { linesOfBarmanServers } from './barman-servers.ts';
import { linesOfCloudNativePg } from './cloudnative-pg.ts';
import { linesOfPaf } from './paf.ts';
import { linesOfPatroniClusters } from './patroni-clusters.ts';
import { linesOfPatroniMembers } from './patroni-members.ts';
import { linesOfPgProbackup } from './pg-probackup.ts';
import { linesOfPgBackRestClusters } from './pgbackrest-clusters.ts';
import { linesOfPgBackRestRepositories } from './pgbackrest-repositories.ts';
import { linesOfPgBackRestSettings } from './pgbackrest-settings.ts';
import { linesOfPgBouncer } from './pgbouncer.ts';
import { linesOfPgBouncerLogins } from './pgbouncer-logins.ts';
import { linesOfPglogical } from './pglogical.ts';
import { linesOfPgpool } from './pgpool.ts';
import { linesOfPgpoolWatchdogs } from './pgpool-watchdog.ts';
import { linesOfRepmgrRecords } from './repmgr-records.ts';
import { linesOfRepmgrServices } from './repmgr-service.ts';
import { linesOfRepmgrNodes } from './repmgr-nodes.ts';
import { linesOfRepmgrConfiguration } from './repmgr-configuration.ts';
import { linesOfStolon } from './stolon.ts';
import { linesOfWalG } from './wal-g.ts';
import file from './lines.json' with { type: 'json' };

/** A format of a tool's log, and what is to say of it and of those that are about the same. */
export interface ToolLine {
  readonly tool: string;
  readonly format: string;
  /** How many words of its own it has. */
  readonly words: number;
  readonly answer: Answer;
}

export const answersOfToolLines: readonly Answer[] = [
  ...linesOfAutoFailoverMonitors,
  ...linesOfAutoFailoverNodes,
  ...linesOfAutoFailoverRegistrations,
  ...linesOfAutoFailoverServices,
  ...linesOfBarmanBackups,
  ...linesOfBarmanServers,
  ...linesOfCloudNativePg,
  ...linesOfPaf,
  ...linesOfPgProbackup,
  ...linesOfPatroniClusters,
  ...linesOfPatroniMembers,
  ...linesOfPgBackRestClusters,
  ...linesOfPgBackRestRepositories,
  ...linesOfPgBackRestSettings,
  ...linesOfPgBouncer,
  ...linesOfPgBouncerLogins,
  ...linesOfPglogical,
  ...linesOfPgpool,
  ...linesOfPgpoolWatchdogs,
  ...linesOfRepmgrRecords,
  ...linesOfRepmgrServices,
  ...linesOfRepmgrNodes,
  ...linesOfRepmgrConfiguration,
  ...linesOfStolon,
  ...linesOfWalG,
];

/** The program says itself that the reason stands above. */
const followsFromAbove = /\bsee (?:above|previous|.{1,20} above)\b/iu;

const asConsequence = new Map<string, Answer>();

function answerTo(format: string, answer: Answer): Answer {
  if (!followsFromAbove.test(format) || answer.kind !== undefined) return answer;
  const made = asConsequence.get(answer.id ?? '') ?? { ...answer, kind: 'consequence' };
  asConsequence.set(answer.id ?? '', made);
  return made;
}

const table = textTable(file);
const byId = new Map(answersOfToolLines.map((answer) => [answer.id, answer]));

/**
 * The errors, warnings and remarks in the sources of repmgr 5.5.0, pg_auto_failover 2.2, Patroni 4.0.7, Barman 3.4.0, pgBackRest
 * 2.45, Pgpool-II 4.6.1, PgBouncer 1.24.1, PAF 2.3.0 and pglogical 2.4.5 that no other answer has; and the frequent ones of
 * pg_probackup 2.5, Stolon 0.17, WAL-G 3.0 and CloudNativePG 1.24. The first line of each.
 */
export const toolLines: readonly ToolLine[] = table.column('format').flatMap((format, row) => {
  const answer = byId.get(table.cell(row, 'answer'));
  if (answer === undefined) return [];
  return [
    {
      tool: table.cell(row, 'tool'),
      format,
      get words() {
        return literalWords(format).length;
      },
      get answer() {
        return answerTo(format, answer);
      },
    },
  ];
});

/** What scripts/build.mjs puts here. */
declare const builtToolWords: string | undefined;

export const toolPhrases: Phrases<ToolLine> = phrases(
  toolLines.map((line) => ({ format: line.format, of: line })),
  typeof builtToolWords === 'string' ? wordsFromText(builtToolWords) : undefined,
);
