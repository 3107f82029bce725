import { baseBackupLine } from '../postgres/base-backup-line.ts';
import { shellWord } from '../remedies/quoting.ts';
import type { NextCommand } from './explanation.ts';
import type { ToldServer } from './of-server.ts';
import type { Seen } from './seen.ts';
import { toolsIn } from './tools.ts';

/** What looks at the servers themselves, with what the pasted text gives: as it can be typed. */
export function nextCommandsOf(whole: string, { names, managed }: ToldServer): (seen: Seen) => readonly NextCommand[] {
  const own = ownBaseBackup(whole);
  const tools = toolsIn(whole);
  // the data directory is out of reach there
  if (managed !== undefined || (tools.has('barman') && !tools.has('repmgr'))) return () => [];
  return (seen) => {
    const { recognition, values, program, answer } = seen;
    if (answer?.next !== undefined) return answer.next;
    const place =
      names.get('data directory') ??
      (ofTablespace.test(recognition?.id ?? '') ? undefined : directoryAround(values['directory']));
    const within = recognition?.within;
    const ofReceiver = within?.side === 'standby';
    const entry = recognition?.entry;
    const isBackup =
      !ofReceiver &&
      (program === 'pg_basebackup' ||
        entry?.program === 'pg_basebackup' ||
        (own !== undefined && entry?.side !== 'standby'));
    if (isBackup) return [{ where: 'before the next attempt', command: own ?? preflight(seen, place) }];
    const look = {
      where: 'on the standby',
      command: `standbylint postmortem -D ${place === undefined ? '<data directory>' : shellWord(place)}`,
    };
    const beforeCopy = { where: 'before a base backup', command: own ?? preflight(seen, place) };
    return ofReceiver || entry?.side === 'standby' || (own === undefined && !ofLogin.has(entry?.topic ?? ''))
      ? [look]
      : [look, beforeCopy];
  };
}

/** What pg_basebackup would meet as well. */
const ofLogin: ReadonlySet<string> = new Set([
  'auth-hba',
  'client',
  'conninfo',
  'network',
  'role',
  'slot',
  'tls',
  'wal-missing',
]);

/** The directory that they name is outside the data directory. */
const ofTablespace = /^tblspc-/u;

/** A file's or a part's directory tells the data directory. */
function directoryAround(path: string | undefined): string | undefined {
  if (path === undefined || !/data|pg|\d/u.test(path)) return undefined;
  const parts = /^((?:[A-Za-z]:)?[/\\].+?)[/\\](?:pg_[a-z]+|base|global|repmgr|log)(?:[/\\]|$)/u.exec(path);
  return parts?.[1] ?? (path.startsWith('pg_') ? undefined : path);
}

function preflight({ recognition, values }: Seen, place: string | undefined): string {
  const role = values['role'];
  const connection = recognition?.connection;
  const host = connection?.kind === 'tcp' ? connection.host : values['server'];
  const port = connection?.kind === 'tcp' ? connection.port : values['port'];
  return [
    'standbylint preflight pg_basebackup',
    `-h ${host === undefined ? '<primary>' : shellWord(host)}`,
    ...(port === undefined || port === '5432' ? [] : [`-p ${shellWord(port)}`]),
    `-U ${role === undefined ? '<role>' : shellWord(role)}`,
    `-D ${place === undefined ? '<data directory>' : shellWord(place)}`,
    '-X stream -R',
  ].join(' ');
}

/** The command as the user typed it. */
export function ownBaseBackup(text: string): string | undefined {
  const line = baseBackupLine(text);
  return line === undefined ? undefined : `standbylint preflight ${line}`;
}
