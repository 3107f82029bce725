import { posix } from 'node:path';

import { examinedText } from '../../derived/files-examined.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { PrimaryFiles, UnreadableEntry } from '../../facts/primary-files.ts';
import type { Step } from '../../findings/report.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, safe, shell } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

/** It does not start without them. */
const ofServer: ReadonlySet<string> = new Set([
  'postgresql.conf',
  'postgresql.auto.conf',
  'pg_hba.conf',
  'pg_ident.conf',
  'PG_VERSION',
  'global/pg_control',
]);

export const unreadableFile = defineRule({
  id: 'primary/unreadable-file',
  title: 'The server cannot read a file in its data directory',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: [],
  wants: ['primaryFiles', 'primary'],
  says: [
    'could not open file "%s": Permission denied',
    'could not open directory "%s": Permission denied',
    'could not initiate base backup: ERROR: could not open directory "%s": Permission denied',
  ],
  docs: {
    what: 'Reads the data directory and its tablespaces as a base backup does, and fails on a file or directory that the server cannot open: a file of root with mode 0600, or "lost+found" if the data directory is the root of a file system.',
    why: 'A base backup reads everything in the data directory, including files that PostgreSQL did not create. It fails at the first file that it cannot open, possibly after hours.',
    notes:
      'Files that a base backup skips (pg_wal, temporary files, symbolic links) may be unreadable. The check ends after 20,000 entries or about a second. With --admin the server itself reads the first byte of each file; empty files and directories that do not belong to PostgreSQL are skipped.',
    references: [
      'src/backend/backup/basebackup.c: sendDir()',
      'BASE_BACKUP: https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-BASE-BACKUP',
    ],
  },
  judge({ primaryFiles, primary }) {
    if (primaryFiles.status === 'unseen') return unexamined(primaryFiles.why, 'warning');
    if (primaryFiles.status === 'not-applicable') return pass(primaryFiles.why);
    const files = primaryFiles.value;
    const [first, ...others] = files.unreadable;
    if (first === undefined) return pass(examinedText(files, primaryFiles.source));
    const place = posix.join(files.dataDirectory, first.path);
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return fail({
      title: `The server cannot read ${nameIn(first.path)}${more}`,
      message: `The server may not ${first.kind === 'directory' ? 'list' : 'open'} ${place}${more}. A base backup reads everything in the data directory, so it fails with "Permission denied".`,
      where: at('primary', ifSeen(primary)?.name, place),
      evidence: files.unreadable.slice(0, 20).map(({ path, because }) => evidence(path, because, primaryFiles.source)),
      remedy: safe(
        files.unreadable.every(({ path }) => ofServer.has(path))
          ? 'Give the server access to it: it is one of its own files.'
          : 'Give the server access to it. If it does not belong to PostgreSQL, it is better to move it out of the data directory.',
        ...files.unreadable.slice(0, 20).map((entry) => access(files, entry)),
      ),
    });
  },
});

/** Its own file needs only its mode changed; another user's is changed by root. */
function access({ dataDirectory, serverUser }: PrimaryFiles, { path, owner }: UnreadableEntry): Step {
  const whole = posix.join(dataDirectory, path);
  const place = shellWord(whole);
  const open = `chmod u+rX ${place}`;
  if (owner !== undefined && owner === serverUser) return shell('primary', open, 'change-mode', whole);
  const to = serverUser === undefined ? `--reference=${shellWord(dataDirectory)}` : shellWord(serverUser);
  return asRoot('primary', `chown ${to} ${place} && ${open}`, 'change-owner', whole);
}

const nameIn = (path: string): string => (path.length > 40 ? `…${path.slice(-39)}` : path);
