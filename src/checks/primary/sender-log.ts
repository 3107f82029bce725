import { answer } from '../../hosts/host.ts';
import { posix } from 'node:path';

import { ifSeen, seen, unseen, withoutAdmin } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Facts } from '../../facts/facts.ts';
import { readConfiguration } from '../../postgres/configuration.ts';
import type { SenderWords } from '../../facts/server-log.ts';
import type { LogRecord } from '../../postgres/log/log-record.ts';
import { readLogText } from '../../postgres/log/read-log.ts';
import { parsePostmasterPid } from '../../postgres/postmaster-files.ts';
import { connect } from '../../servers/connect.ts';
import type { Surroundings } from '../check.ts';
import { configurationFiles } from '../configuration-files.ts';
import { findLogs } from '../server-log/find.ts';
import { ownersHost } from '../owners-host.ts';
import { textFile } from '../text-file.ts';

/**
 * The end of the primary's log, after a base backup failed: its client often sees only that the stream ended. Read from
 * this host where the primary's data directory is here, and else over --admin. At most the newest 256 kB are read.
 */
export async function senderWords(
  since: Date,
  facts: Partial<Facts>,
  surroundings: Surroundings,
): Promise<Observed<SenderWords>> {
  const here = facts.primaryDataDirectory && ifSeen(facts.primaryDataDirectory);
  const local = here === undefined ? undefined : await localTail(here.path, surroundings);
  const tail = local ?? (await tailOverAdmin(surroundings));
  if (tail.status !== 'seen') return tail;
  const { source, text, torn, aheadMs } = tail.value;
  // a clock of log_timezone without an offset may be read as another hour: such a line is taken
  const from = since.getTime() + aheadMs - slackMs;
  const records = readLogText(text, { torn }).filter(
    (record) => (record.time === undefined || record.time.getTime() >= from) && isOfSender(record),
  );
  return seen({ source, records }, source);
}

interface Tail {
  readonly source: string;
  readonly text: string;
  /** It begins in the middle of the log. */
  readonly torn: boolean;
  /** How far the primary's clock is ahead of ours. */
  readonly aheadMs: number;
}

const tailBytes = 256 * 1024;
const slackMs = 2_000;

/** A walsender's own trouble, or the end of the whole server; not what other sessions of the time went through. */
function isOfSender({ severity, statement, backendType, message }: LogRecord): boolean {
  if (severity === 'PANIC') return true;
  if (severity === 'LOG')
    return (
      ofConnection.test(message) ||
      /^(?:server process \(PID \d+\) (?:was terminated|exited)|received (?:fast|immediate|smart) shutdown)/u.test(
        message,
      )
    );
  if (severity !== 'ERROR' && severity !== 'FATAL' && severity !== 'WARNING') return false;
  const isCommand = /^\s*(?:BASE_BACKUP|START_REPLICATION|CREATE_REPLICATION_SLOT|UPLOAD_MANIFEST|TIMELINE_HISTORY)\b/u;
  if (statement !== undefined) return isCommand.test(statement);
  if (backendType !== undefined) return backendType === 'walsender';
  return ofBackups.test(message);
}

/** How a walsender, and pqcomm.c, tell that a connection ended: to the log alone (COMMERROR). */
const ofConnection =
  /^(?:terminating walsender process due to replication timeout|unexpected EOF on standby connection|could not (?:send data to|receive data from) client)/u;

/** A WARNING and a FATAL have no STATEMENT line: basebackup.c and walsender.c say these, and nobody else. */
const ofBackups =
  /checksum (?:verification failed|error)|replication stream|walsender|base backup|for replication|connection to client lost|replication timeout/u;

async function localTail(dataDirectory: string, surroundings: Surroundings): Promise<Observed<Tail> | undefined> {
  const host = await ownersHost(surroundings.host, dataDirectory);
  const pidFile = await textFile(host, posix.join(dataDirectory, 'postmaster.pid'), 4_096);
  const pid = pidFile.ok ? parsePostmasterPid(pidFile.value) : undefined;
  const configFile = posix.join(dataDirectory, 'postgresql.conf');
  const configuration = await readConfiguration(configurationFiles(host), { configFile, dataDirectory });
  const places = await findLogs(
    host,
    {
      dataDirectory,
      configFile,
      outside: false,
      configuration,
      commandLine: [],
      pid: pid?.ok === true ? pid.value.pid : undefined,
      major: undefined,
    },
    surroundings.timeoutMs,
  );
  const newest = places
    .filter(({ packed }) => !packed)
    .toSorted((a, b) => (a.modifiedAt?.getTime() ?? 0) - (b.modifiedAt?.getTime() ?? 0))
    .at(-1);
  if (newest === undefined) return undefined;
  const from = Math.max(0, (newest.sizeBytes ?? 0) - tailBytes);
  const content =
    newest.content === undefined
      ? await host.read(newest.path, { from, maxBytes: tailBytes })
      : answer({ bytes: newest.content.subarray(from), truncated: false });
  if (!content.ok) return undefined;
  const text = Buffer.from(content.value.bytes).toString('utf8');
  return seen({ source: newest.path, text, torn: from > 0, aheadMs: 0 }, newest.path);
}

/** pg_current_logfile is for members of pg_monitor, and the file for superusers and who was granted the function. */
async function tailOverAdmin(surroundings: Surroundings): Promise<Observed<Tail>> {
  const { admin } = surroundings.subject;
  if (admin === undefined)
    return {
      status: 'unseen',
      why: withoutAdmin('not-asked', "the primary's log was not read: no --admin connection was given"),
    };
  const { session } = await connect(admin, surroundings);
  if (session === undefined) return unseen('connection', "the primary's log was not read: --admin could not connect");
  try {
    const asked = surroundings.now().getTime();
    const named = await session.simpleQuery(
      "SELECT pg_catalog.pg_current_logfile(), extract(epoch FROM pg_catalog.clock_timestamp()) * 1000, pg_catalog.current_setting('data_directory', true)",
    );
    if (!named.ok) return notRead(named.kind === 'server' ? named.error.message : named.message);
    const [file, clock, directory] = named.results.at(-1)?.rows[0] ?? [];
    if (file === undefined || file === null)
      return unseen(
        'not-asked',
        "the primary's log was not read: its logging collector is off, so that the log is where its standard error leads",
      );
    const path = `'${file.replaceAll("'", "''")}'`;
    const read = await session.simpleQuery(
      `SELECT size, pg_catalog.encode(pg_catalog.pg_read_binary_file(${path}, greatest(0, size - ${tailBytes}), ${tailBytes}, true), 'base64') FROM pg_catalog.pg_stat_file(${path}, true)`,
    );
    if (!read.ok) return notRead(read.kind === 'server' ? read.error.message : read.message);
    const [size, text] = read.results.at(-1)?.rows[0] ?? [];
    if (text === undefined || text === null) return notRead(`${file} is not there`);
    const source = file.startsWith('/') || typeof directory !== 'string' ? file : posix.join(directory, file);
    return seen(
      {
        source,
        text: Buffer.from(text, 'base64').toString('utf8'),
        torn: Number(size) > tailBytes,
        aheadMs: Number(clock) - asked,
      },
      '--admin',
    );
  } finally {
    void session.close();
  }
}

const notRead = (because: string): Observed<never> =>
  unseen(
    'permission',
    `the primary's log was not read over --admin: ${because}`,
    'give --admin a superuser, or GRANT pg_monitor, pg_read_server_files TO the role and EXECUTE on pg_read_binary_file(text,bigint,bigint,boolean) and pg_stat_file(text,boolean)',
  );
