import type { LogRecord } from '../../postgres/log/log-record.ts';
import type { Answer } from '../answer.ts';
import type { Block } from '../paste/paste-blocks.ts';
import type { Seen } from '../seen.ts';
import { seenOnce } from '../sighting.ts';

/**
 * A message that ended the server's start or its replay, and is not known: better said than that a line before it, which
 * is known, were the reason.
 */
export function unknownStops(blocks: readonly Block[], known: ReadonlySet<LogRecord>, text: string): readonly Seen[] {
  if (!recovers.test(text)) return [];
  const serves = accepts.test(text);
  const ended = startEnds.exec(text);
  return (
    blocks
      .filter(({ record, claimed }) => claimed === undefined && !known.has(record))
      .filter(({ record }) => record.severity === 'PANIC' || ended !== null || !serves)
      // a session's FATAL does not end the start
      .filter(({ record: { pid } }) => pid === undefined || ended?.[1] === undefined || pid === Number(ended[1]))
      .filter(({ record }) => endsServer(record))
      .slice(-1)
      .map(({ record }) => unknown(record, replays.test(record.context ?? '') ? ofReplay : ofStart))
  );
}

/**
 * A text of which nothing is known, though PostgreSQL's own label says that something failed: who said it, what that
 * ended, and where the rest of it stands.
 */
export function unknownFailures(blocks: readonly Block[], text: string): readonly Seen[] {
  const lines = text.split('\n');
  return blocks
    .filter(({ record: { line } }) => !ofOtherLogger.test(lines[line - 1] ?? ''))
    .flatMap(({ record, claimed }) => {
      const answer = claimed === undefined ? failureOf(record) : undefined;
      return answer === undefined ? [] : [unknown(record, answer)];
    })
    .slice(-1);
}

/** A time with a label behind it: PostgreSQL puts the zone between them. */
const ofOtherLogger = /^\W{0,2}\d{4}-\d\d-\d\d[T ][\d:.,]+\W*(?:FATAL|ERROR|PANIC): /u;

function failureOf(record: LogRecord): Answer | undefined {
  return ofFailure(record) ?? (settingOf(record) === undefined ? undefined : ofHint);
}

function ofFailure({ program, severity, message, sqlstate, context, pid, user }: LogRecord): Answer | undefined {
  if (program !== undefined)
    return severity === 'ERROR' || severity === 'FATAL' || /\b(?:ERROR|FATAL|PANIC): {1,2}\S/u.test(message)
      ? tools.get(program)
      : undefined;
  if (severity === 'PANIC') return replays.test(context ?? '') ? ofReplay : ofPanic;
  const labelled = pid !== undefined || sqlstate !== undefined || ofServer.test(message);
  if (severity === 'FATAL' && labelled && user === undefined) return replays.test(context ?? '') ? ofReplay : ofFatal;
  return severity === 'ERROR' || severity === 'FATAL' ? ofState(sqlstate) : undefined;
}

/** PostgreSQL itself says which of its settings is too low. */
const settingOf = ({ hint = '', program, severity }: LogRecord): string | undefined =>
  program === undefined && severity !== undefined
    ? /^(?:Consider|You (?:might|may) need to|Increase|Raise)\b.*?\b((?!pg_)[a-z]+_[a-z_]+)\b/u.exec(hint)?.[1]
    : undefined;

/** A FATAL without a process before it may be any program's. */
const ofServer =
  /\b(?:WAL|xlog|standby|hot standby|replication|replication slot|timeline|checkpoint|pg_[a-z]+|database system|primary server|tablespace|postmaster)\b/u;

const unknown = (record: LogRecord, answer: Answer): Seen => ({
  recognition: undefined,
  answer,
  values: {
    ...(record.program === undefined ? {} : { program: record.program }),
    ...(settingOf(record) === undefined ? {} : { setting: settingOf(record) ?? '' }),
  },
  text: record.message,
  partial: true,
  others: [],
  record,
  program: record.program,
  form: 0,
  ...seenOnce(record),
});

const endsServer = ({ severity, program, user }: LogRecord): boolean =>
  (severity === 'FATAL' || severity === 'PANIC') && program === undefined && user === undefined;

/** What only a server writes that starts, recovers, or ends because of it. */
const recovers =
  /\b(?:startup process \(PID \d+\)|aborting startup due to startup process failure|redo starts at|entering standby mode|restored log file "|(?:WAL|xlog) redo at |starting (?:archive|point-in-time) recovery|automatic recovery in progress|consistent recovery state reached)|\bcould not start server\b/u;

/** Then a FATAL may be a session's or the WAL receiver's, with which the server does not end. */
const accepts = /\b(?:consistent recovery state reached|ready to accept|started streaming WAL)/u;

const startEnds =
  /\bstartup process \(PID (\d+)\) (?:exited|was terminated)|aborting startup due to startup process failure/u;

/** The CONTEXT of a WAL record; before 10 it says xlog. */
const replays = /\b(?:WAL|xlog) redo\b/iu;

const todo =
  'A standby: keep the log, install the latest minor release, and make a new base backup. A primary: do not use pg_resetwal; fail over to a standby, or recover from a backup.';

const ofReplay: Answer = {
  id: 'unknown-end-of-replay',
  matters: 5,
  means:
    'The server ended with this message while it replayed the WAL record in CONTEXT. standbylint does not know the message. A record that cannot be replayed means that the data and the WAL do not fit each other.',
  causes: [
    {
      cause: 'The data directory is not a consistent copy, or a file in it is damaged.',
      on: 'standby',
      check: 'dmesg -T | grep -iE "i/o error|ext4|xfs" | tail; ls <data directory>/backup_label*',
    },
    { cause: 'A fault in this minor release that a later one has fixed.' },
  ],
  todo,
};

const ofStart: Answer = {
  id: 'unknown-end-of-start',
  matters: 5,
  means:
    'The server ended with this message. standbylint does not know it; the lines before it did not end the server.',
  causes: [
    {
      cause:
        'If it names a table, an index or a file of the data directory: that is damaged, or the data directory is not a consistent copy.',
      on: 'standby',
      check: 'dmesg -T | grep -iE "i/o error|ext4|xfs" | tail; ls <data directory>/backup_label*',
    },
    { cause: 'If it names a setting, an extension or a file of the configuration: it is wrong on this machine.' },
  ],
};

const logOfServer = 'tail -50 "$(ls -t <data directory>/log/* /var/log/postgresql/* 2>/dev/null | head -1)"';

const ofPanic: Answer = {
  id: 'unknown-panic',
  matters: 5,
  means:
    'PANIC: the server stopped at once, with all its sessions, and recovers when it starts again. standbylint does not know this message.',
  causes: [
    {
      cause:
        'The storage: a file that could not be read, written or flushed. The operating system has the reason if the message ends with one.',
      on: 'server',
      check: 'dmesg -T | grep -iE "i/o error|ext4|xfs|nfs" | tail; df -h',
    },
    {
      cause:
        'With a CONTEXT of "WAL redo", or again at every start: the data and the WAL do not fit each other, or a page is damaged.',
      on: 'server',
      check: logOfServer,
    },
    { cause: 'A fault in this minor release, or in an extension.', on: 'server', check: 'postgres --version' },
  ],
  todo,
};

const ofFatal: Answer = {
  id: 'unknown-fatal',
  matters: 3,
  means:
    'FATAL ended one process of the server. standbylint does not know this message. Whether the server itself ended is on the lines after it ("database system is shut down").',
  causes: [
    {
      cause: 'DETAIL, HINT and CONTEXT under it, and the lines of the same process before it, say what it was doing.',
      on: 'server',
      check: logOfServer,
    },
  ],
};

const ofHint: Answer = {
  id: 'unknown-with-hint',
  matters: 3,
  means:
    'standbylint does not know this message. HINT is the word of the server itself: {setting} is too low for this.',
  causes: [
    {
      cause: 'See what it is, and whether a change still waits for a restart.',
      on: 'server',
      check: `psql -c "SELECT name, setting, source, pending_restart FROM pg_settings WHERE name = '{setting}'"`,
    },
  ],
  todo: 'Raise it on this server. Settings of memory, processes and slots need a restart; a standby needs at least the values of its primary, so raise them there first.',
};

const ofTool: Answer = {
  id: 'unknown-end-of-tool',
  matters: 3,
  means: '{program} gave up with this message, which standbylint does not know.',
  causes: [
    {
      cause:
        'If the message has "ERROR:" or "FATAL:" in it, the server said what follows: its log has DETAIL and HINT.',
      on: 'server',
      check: logOfServer,
    },
    {
      cause:
        'If it ends with the reason of the operating system (denied, no space, does not exist): it is about a file or a directory here.',
      on: 'client',
      check: 'id; df -h; {program} --version',
    },
  ],
};

/** pg_rewind changes what it stands in. */
const ofRewind: Answer = {
  ...ofTool,
  id: 'unknown-end-of-rewind',
  todo: 'If it had begun to copy ("rewinding from last common checkpoint"), do not start this data directory: make a new base backup.',
};

const tools: ReadonlyMap<string, Answer> = new Map([
  ...[
    'pg_basebackup',
    'pg_receivewal',
    'pg_recvlogical',
    'pg_verifybackup',
    'pg_combinebackup',
    'pg_createsubscriber',
  ].map((name): readonly [string, Answer] => [name, ofTool]),
  ['pg_rewind', ofRewind],
]);

/** Of classes that never mean a statement was wrong. */
const ofState = (sqlstate = ''): Answer | undefined =>
  /^XX00[12]$/u.test(sqlstate) ? ofDamage : /^5[38]/u.test(sqlstate) ? ofResources : undefined;

const ofDamage: Answer = {
  id: 'unknown-damage',
  matters: 5,
  means: 'The server reports damaged data (XX001) or a damaged index (XX002). standbylint does not know this message.',
  causes: [
    {
      cause: 'The data directory is not a consistent copy, or the storage lost or changed data.',
      on: 'server',
      check: 'dmesg -T | grep -iE "i/o error|ecc|ext4|xfs" | tail; ls <data directory>/backup_label*',
    },
  ],
  todo: 'An index alone: REINDEX. A standby: make a new base backup. A primary: stop writing, see whether a standby has the data whole, and restore or promote from there.',
};

const ofResources: Answer = {
  id: 'unknown-resources',
  matters: 4,
  means:
    'The server ran out of something (class 53: disk, memory, connections, a limit of its settings), or the operating system refused it a file (class 58). standbylint does not know this message; it names what.',
  causes: [
    { cause: 'Disk or memory of the machine.', on: 'server', check: 'df -h; free -m; dmesg -T | tail' },
    { cause: 'A file of the message that is missing, or belongs to another user.', on: 'server', check: logOfServer },
  ],
};
