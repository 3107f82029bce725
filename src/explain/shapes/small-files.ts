import { maskedPassfileLine } from '../../postgres/passfile.ts';
import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import { table } from './table.ts';

/** Lines of .pgpass, without their passwords, and how `ls -l` lists the file. */
export function passwordFile(text: string): Explanation | undefined {
  const lines = [
    ...text.matchAll(
      /^[ \t]*((?:[\w.*-]+|\/[\w./-]*|\[?[0-9a-f\\:]+\]?):(?:\d{4,5}|\*):([\w*-]+):([\w*-]+):\S+)[ \t]*$/gmu,
    ),
  ].map(([, line = '', database = '', user = '']) => ({ line: maskedPassfileLine(line), database, user }));
  const [, mode] = /^-([rwx-]{9})\S* .*\/?\.pgpass\s*$/mu.exec(text) ?? [];
  if (lines.length === 0 && mode === undefined) return undefined;
  return shape({
    text: lines[0]?.line ?? '.pgpass',
    means:
      lines.length === 0
        ? 'This is a password file of libpq.'
        : 'This is a line of a password file: host, port, database, role, password. The first line that matches is used.',
    candidates: [
      ...(mode !== undefined && !mode.endsWith('------')
        ? [
            finding(
              'Group or others may read it: libpq ignores such a file. chmod 600 ~/.pgpass',
              'client/passfile-ignored',
            ),
          ]
        : []),
      ...lines
        .filter(({ database }) => database !== 'replication' && database !== '*')
        .slice(0, 3)
        .map(({ line, database }) =>
          finding(
            `"${line}" is not used for replication connections: pg_basebackup and the standby look for the database replication (or *), not for ${database}.`,
            'client/passfile-no-match',
          ),
        ),
    ],
    advice:
      'It must be in the home directory of the operating system user that runs the program: for the standby, that of the server (postgres). The host must be written as in the connection string.',
    where: 'to see whether it is used',
    command: `standbylint preflight pg_basebackup -h <primary> -U ${lines[0]?.user.replace('*', '<role>') ?? '<role>'} -D <data directory> -X stream -R`,
  });
}

export function backupLabel(text: string): Explanation | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}: (.+)$`, 'mu').exec(text)?.[1]?.trim();
  const start = value('START WAL LOCATION');
  const from = value('BACKUP FROM');
  if (start === undefined || (from === undefined && value('BACKUP METHOD') === undefined)) return undefined;
  return shape({
    text: `START WAL LOCATION: ${start}`,
    means: `This is backup_label: recovery of this base backup begins at ${start}. The server removes the file when it has started on it.`,
    candidates: [
      ...(from === 'standby' ? [finding('The base backup was taken from a standby.')] : []),
      ...(value('INCREMENTAL FROM LSN') === undefined
        ? []
        : [finding('It is an incremental base backup: pg_combinebackup must make a full one of it first.')]),
    ],
    advice:
      'Leave the file in place on a restored copy: without it the server starts from the wrong checkpoint and the data is damaged.',
    where: 'on the standby',
    command: postmortem,
  });
}

export function timelineHistory(text: string): Explanation | undefined {
  const lines = [...text.matchAll(/^(\d+)\t+([0-9A-F]+\/[0-9A-F]+)\t+(\S.*)$/gmu)];
  const [, timeline, position] = lines.at(-1) ?? [];
  if (timeline === undefined || position === undefined) return undefined;
  return shape({
    text: lines.map(([line]) => line).join('; '),
    means: `This is a timeline history file: each line names a timeline, where it ended and why. The last one ended at ${position} on timeline ${timeline}.`,
    candidates: [
      finding(
        `A standby that has replayed more than ${position} on timeline ${timeline} cannot follow this history: it needs pg_rewind or a new base backup.`,
        'timeline/diverged',
      ),
    ],
    where: 'on the standby, to compare',
    command: 'pg_controldata -D <data directory> | grep -iE "timeline|minimum recovery"',
  });
}

/** psql's \du. */
export function roles(text: string): Explanation | undefined {
  const rows = table(text, 'Role name', 'Attributes');
  if (rows === undefined || rows.length === 0) return undefined;
  return shape({
    text: '\\du',
    means:
      'This is a list of roles. A standby and pg_basebackup need one with the attribute Replication (or a superuser).',
    candidates: rows
      .map((row) => ({ name: row.get('Role name') ?? '', attributes: row.get('Attributes') ?? '' }))
      .filter(({ name }) => forReplication.test(name))
      .flatMap(({ name, attributes }) => [
        ...(/Replication|Superuser/iu.test(attributes)
          ? []
          : [
              finding(
                `Role ${name} does not have the attribute Replication: ALTER ROLE "${name}" REPLICATION; on the primary.`,
                'role/no-replication',
              ),
            ]),
        ...(/Cannot login/iu.test(attributes)
          ? [finding(`Role ${name} may not log in: ALTER ROLE "${name}" LOGIN; on the primary.`, 'role/no-login')]
          : []),
      ]),
    where: 'on the primary, to see all of them',
    command: 'psql -c "SELECT rolname, rolcanlogin, rolreplication, rolsuper FROM pg_roles WHERE rolcanlogin"',
  });
}

const forReplication = /repl|standby|stream|backup|repmgr|barman|slave/iu;

/** Names of segments, one a line or as `ls -l` lists them. */
/** pg_wal/archive_status: `.ready` waits for archive_command (pgarch.c). */
export function archiveStatus(text: string): Explanation | undefined {
  const ready = [...text.matchAll(/(?:^|\s)([0-9A-F]{24}|[0-9A-F]{8}\.history)\.ready$/gmu)];
  const [first] = ready;
  if (first === undefined || /\bLOG: |\bWARNING: /u.test(text)) return undefined;
  const counted = Number(/\bwc -l *\n *(\d+) *$/mu.exec(text)?.[1] ?? ready.length);
  return shape({
    text: 'archive_status',
    means: `These are files that wait to be archived: ${counted} or more, from ${first[1] ?? ''} on. The server keeps each segment in pg_wal until archive_command has taken it.`,
    candidates: [
      finding(
        counted < 3
          ? 'A few are normal: archive_command takes one after the other.'
          : 'archive_command fails, or is slower than the WAL is written: pg_wal grows until the disk is full. The log of the server says how the command ended.',
        counted < 3 ? null : 'primary/archive-failing',
      ),
    ],
    ...(counted < 3
      ? {}
      : {
          advice:
            'Delete nothing there and nothing in pg_wal: a backup would have a gap. Once the command succeeds, the files go by themselves.',
        }),
    where: 'on that server',
    command:
      'psql -c "SELECT archived_count, failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver" -c "SHOW archive_command"',
  });
}

export function segmentListing(text: string): Explanation | undefined {
  const names = [
    ...text.matchAll(/^(?:[-dl][rwx-]{9}\S? .* )?([0-9A-F]{8})([0-9A-F]{16})(?:\.partial|\.gz|\.zst|\.lz4)?$/gmu),
  ];
  const lines = text.split('\n').filter((line) => line.trim() !== '').length;
  if (names.length < 3 || names.length * 2 < lines) return undefined;
  const timelines = [...new Set(names.map(([, timeline = '']) => timeline))].toSorted();
  const last = timelines.at(-1) ?? '';
  const own = names
    .filter(([, timeline]) => timeline === last)
    .map(([, , position = '']) => position)
    .toSorted();
  return shape({
    text: `${names.length} WAL segments`,
    means: `This is a list of WAL segments, on ${timelines.length === 1 ? 'timeline' : 'timelines'} ${timelines.map((one) => Number.parseInt(one, 16)).join(', ')}: from ${last}${own[0] ?? ''} to ${last}${own.at(-1) ?? ''}.`,
    candidates: [
      finding(
        'What a standby asks for must be among them: the log of the standby names the segment. In pg_wal the last names may be recycled files that are not written yet.',
      ),
    ],
    where: 'on the primary, to see which one is written now',
    command: 'psql -c "SELECT pg_walfile_name(pg_current_wal_lsn())"',
  });
}

/** libpq says it where the server has refused a password that came from there (fe-connect.c, pgpassfileWarning). */
export function retrievedPassword(text: string): Explanation | undefined {
  const [, path = ''] = /password retrieved from file "([^"\n]+)"/u.exec(text) ?? [];
  if (path === '') return undefined;
  return shape({
    text: `password retrieved from file "${path}"`,
    means: 'libpq took the password from this file, and the server refused it.',
    candidates: [
      finding(
        // patroni/postgresql/config.py, write_pgpass: the file is written before each use
        /\bpatroni\b|bootstrap from leader|Lock owner: /iu.test(text)
          ? `The password in ${path} is not that of the role. Patroni writes this file itself, from postgresql.authentication in its own configuration: correct it there (all members the same) and reload Patroni, or set this password for the role.`
          : `The first entry of ${path} that matches this connection has another password than the role. Correct that entry, or set this password for the role.`,
        'role/wrong-password',
      ),
    ],
    command: 'standbylint postmortem -D <data directory>',
  });
}
