import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import { isTakenForSegment, isTooLongForTar } from '../../postgres/base-backup-files.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { examinedText } from '../../derived/files-examined.ts';

export const foreignFile = defineRule({
  id: 'primary/foreign-file',
  title: 'A file in the data directory makes every base backup fail',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['primary'],
  wants: ['primaryFiles', 'primarySettings', 'baseBackup'],
  messages: ['bb-tar-name-too-long'],
  says: ['invalid segment number %d in file "%s"'],
  docs: {
    what: 'Checks the file names in the data directory and its tablespaces, and fails on a name that a base backup cannot send: a path of more than 99 bytes, relative to the data directory; or, up to PostgreSQL 16 with data checksums, a name in a database directory with a dot that is not followed by a segment number ("16384.bak").',
    why: 'A base backup is a tar archive, whose file names are limited to 99 bytes. Up to PostgreSQL 16, a base backup that verifies checksums treats every file next to the relations as a relation, and fails on an invalid segment number. If this happens late, pg_basebackup reports only "COPY stream ended before last file was finished".',
    notes:
      'Since PostgreSQL 17 only files with names of relations are verified. With --no-verify-checksums the number does not matter. Names without a dot are read as pages and cause no failure.',
    references: [
      'src/backend/backup/basebackup.c: is_checksummed_file(), sendFile()',
      'src/port/tar.c: tarCreateHeader()',
    ],
  },
  judge({ primary, primaryFiles, primarySettings, baseBackup }) {
    if (primaryFiles.status === 'unseen') return unexamined(primaryFiles.why, 'warning');
    if (primaryFiles.status === 'not-applicable') return pass(primaryFiles.why);
    const files = primaryFiles.value;
    const settings = ifSeen(primarySettings);
    const verifies =
      settings !== undefined &&
      booleanOf(settings, 'data_checksums') === true &&
      ifSeen(baseBackup)?.options.some(({ name }) => name === 'no-verify-checksums') !== true;
    const troubles = files.names.flatMap((path): readonly { path: string; why: string }[] => {
      if (isTooLongForTar(path))
        return [{ path, why: `the name has ${Buffer.byteLength(path)} bytes, but a tar archive allows only 99` }];
      return verifies && isTakenForSegment(path, primary.major)
        ? [{ path, why: 'it looks like a relation, but its extension is not a segment number' }]
        : [];
    });
    const [first, ...others] = troubles;
    if (first === undefined) return pass(examinedText(files, primaryFiles.source));
    const place = posix.join(files.dataDirectory, first.path);
    return fail({
      title: `A base backup cannot send ${nameIn(first.path)}`,
      message: `Every base backup fails at ${place}: ${first.why}.${others.length === 0 ? '' : ` The same applies to ${others.length} more.`}`,
      where: at('primary', primary.name, place),
      evidence: troubles.slice(0, 20).map(({ path, why }) => evidence(path, why, primaryFiles.source)),
      remedy: safe(
        'Move it out of the data directory: it does not belong to PostgreSQL.',
        ...troubles
          .slice(0, 20)
          .map(({ path }) =>
            manual(
              'primary',
              `Find out where it comes from, then move it: mv ${shellWord(posix.join(files.dataDirectory, path))} to a directory outside ${files.dataDirectory}`,
            ),
          ),
      ),
    });
  },
});

const nameIn = (path: string): string => (path.length > 40 ? `…${path.slice(-39)}` : path);
