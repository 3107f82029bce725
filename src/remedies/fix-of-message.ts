import { posix } from 'node:path';

import { capitalized } from '../findings/sentence.ts';
import { shellWord } from './quoting.ts';

/** The reasons of the operating system that a message ends in (%m), and that the catalogue's fixes begin a sentence with. */
const reasons = [
  'Permission denied',
  'Operation not permitted',
  'No space left on device',
  'Disk quota exceeded',
  'Read-only file system',
  'Input/output error',
  'File too large',
  'No such file or directory',
  'File exists',
  'Is a directory',
  'Not a directory',
  'Address already in use',
  'Cannot assign requested address',
  'Cannot allocate memory',
  'Too many open files',
] as const;

/**
 * What the catalogue says against a message, as far as it is about the reason that this message ends in: a fix that is
 * written for several reasons names each before what helps against it.
 */
export function fixOfMessage(
  { text, fix: written }: { readonly text: string; readonly fix: string },
  dataDirectory: string | undefined,
  user: string | undefined,
): string {
  const fix = dataDirectory === undefined ? written : written.replaceAll('<data directory>', shellWord(dataDirectory));
  const [, signal] = /was terminated by signal (\d+)/u.exec(text) ?? [];
  if (signal !== undefined) {
    const clauses = fix.split(/(?<=\.) (?=Signal )/u);
    const ofSignal = clauses.filter((clause) => headOf(clause).split(' ').includes(signal));
    if (ofSignal.length > 0) return ofSignal.map((clause) => capitalized(clause.replace(/^[^:]*: /u, ''))).join(' ');
  }
  const reason = reasons.find((one) => text.trimEnd().endsWith(`: ${one}`));
  if (reason === undefined) return fix;
  const path = pathIn(text, dataDirectory);
  if (path !== undefined && reason === 'No space left on device') {
    const there = shellWord(posix.dirname(path));
    return `Free space on the file system of ${there}, never by deleting files in pg_wal. df -h ${there} shows its space; if that is not used up, its inodes are (df -i ${there}).`;
  }
  if (path !== undefined && reason === 'Disk quota exceeded')
    return `Raise the disk quota of ${user ?? 'the user that runs the server'} on the file system of ${shellWord(posix.dirname(path))}, or free space that counts towards it, never by deleting files in pg_wal. As root: quota -u ${user ?? 'USER'} shows it; project quotas are shown by the tools of the file system.`;
  const clauses = fix.split(new RegExp(`(?<=^|[.;] )(?=(?:${reasons.join('|')})\\b)`, 'u'));
  const known = clauses.filter((clause) => reasons.some((one) => clause.startsWith(one)));
  const ofReason = known.filter((clause) => headOf(clause).includes(reason));
  if (ofReason.length === 0) return fix;
  return clauses
    .filter((clause) => !known.includes(clause) || ofReason.includes(clause))
    .join('')
    .trim();
}

const headOf = (clause: string): string => clause.slice(0, Math.max(0, clause.indexOf(':')));

/** The first path in quotes, which the server gives from its data directory. */
function pathIn(text: string, dataDirectory: string | undefined): string | undefined {
  const [, path] = /"([^"]*\/[^"]*)"/u.exec(text) ?? [];
  if (path === undefined || (dataDirectory === undefined && !path.startsWith('/'))) return undefined;
  return posix.resolve(dataDirectory ?? '/', path);
}
