import { shellWord } from '../remedies/quoting.ts';
import type { NextCommand } from './explanation.ts';
import type { Seen } from './seen.ts';

/** What looks at the servers themselves, with what the pasted text gives: as it can be typed. */
export function nextCommandsOf(whole: string): (seen: Seen) => readonly NextCommand[] {
  const own = ownBaseBackup(whole);
  const directory = dataDirectory(whole);
  if (isManaged(whole)) return () => [];
  return (seen) => {
    const { recognition, values, program, answer } = seen;
    if (answer?.next !== undefined) return answer.next;
    const within = recognition?.within;
    const ofReceiver = within?.side === 'standby';
    const entry = recognition?.entry;
    const isBackup =
      !ofReceiver &&
      (program === 'pg_basebackup' ||
        entry?.program === 'pg_basebackup' ||
        (own !== undefined && entry?.side !== 'standby'));
    if (isBackup) return [{ where: 'before the next attempt', command: own ?? preflight(seen) }];
    const place =
      values['directory'] !== undefined && /data|pg|\d/u.test(values['directory']) ? values['directory'] : directory;
    const look = {
      where: 'on the standby',
      command: `standbylint postmortem -D ${place === undefined ? '<data directory>' : shellWord(place)}`,
    };
    return ofReceiver || entry?.side === 'standby'
      ? [look]
      : [look, { where: 'before a base backup', command: own ?? preflight(seen) }];
  };
}

function preflight({ recognition, values }: Seen): string {
  const connection = recognition?.connection;
  const host = connection?.kind === 'tcp' ? connection.host : values['server'];
  const port = connection?.kind === 'tcp' ? connection.port : values['port'];
  const directory = values['directory'];
  return [
    'standbylint preflight pg_basebackup',
    `-h ${host === undefined ? '<primary>' : shellWord(host)}`,
    ...(port === undefined || port === '5432' ? [] : [`-p ${shellWord(port)}`]),
    `-U ${values['role'] === undefined ? '<role>' : shellWord(values['role'])}`,
    `-D ${directory === undefined ? '<data directory>' : shellWord(directory)}`,
    '-X stream -R',
  ].join(' ');
}

/** The command as the user typed it. */
export function ownBaseBackup(text: string): string | undefined {
  const match = /(?:^|[$#>`;&|\s])((?:\S*\/)?pg_basebackup(?:\s+\\?\n?\s*(?!&&|\|)[^\s;&|<>]+)+)/mu.exec(
    text.replaceAll(/\\\n\s*/gu, ' '),
  );
  const line = match?.[1]?.split('\n')[0]?.trim();
  if (line === undefined || !/\s-(?:[DdhUXFRPv]|-[a-z])/u.test(line) || /[`$()]|password=/u.test(line))
    return undefined;
  return `standbylint preflight ${line.replace(/^\S*\//u, '').replaceAll(/\s+/gu, ' ')}`;
}

function dataDirectory(text: string): string | undefined {
  return (
    /(?:^|\s)(?:-D|--pgdata|PGDATA)[ =]?["']?(\/[^\s"'\\,;:]+)/u.exec(text)?.[1] ??
    /data directory "(\/[^"\n]+)"/u.exec(text)?.[1]
  );
}

/** Nobody reaches the data directory there. */
const isManaged = (text: string): boolean =>
  /\brds_superuser|rdsadmin|\.rds\.amazonaws\.com|azure_pg_admin|cloudsqladmin|\.postgres\.database\.azure\.com\b/u.test(
    text,
  );
