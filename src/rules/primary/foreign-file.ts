import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import { isTakenForSegment, isTooLongForTar } from '../../postgres/base-backup-files.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { examinedText } from './unreadable-file.ts';

export const foreignFile = defineRule({
  id: 'primary/foreign-file',
  title: 'A file in the data directory stops every base backup',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['primary'],
  wants: ['primaryFiles', 'primarySettings', 'baseBackup'],
  says: ['file name too long for tar format: "%s"', 'invalid segment number %d in file "%s"'],
  docs: {
    what: 'Looks at the names in the data directory and its tablespaces, and fails on one that a base backup cannot send: longer than 99 bytes from the data directory on; or, up to PostgreSQL 16 with checksums, a name with a dot in the directory of a database that is not the number of a segment ("16384.bak").',
    why: 'A base backup is a tar archive, whose names have room for 99 bytes. Up to 16 a base backup that verifies checksums takes every file beside the relations for one of them, and refuses the number after the dot. Where the name is met late, pg_basebackup reports only "COPY stream ended before last file was finished".',
    notes:
      'From 17 on only files with the names of relations are verified. With --no-verify-checksums the number does not matter. Names without a dot are read as pages and stop nothing.',
    references: [
      'backend/replication/basebackup.c, is_checksummed_file() and sendFile() (backup/basebackup.c from 15 on)',
      'port/tar.c, tarCreateHeader()',
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
        return [{ path, why: `the name has ${Buffer.byteLength(path)} bytes, and a tar archive has room for 99` }];
      return verifies && isTakenForSegment(path, primary.major)
        ? [{ path, why: 'it is taken for a relation, and what follows the dot is not the number of a segment' }]
        : [];
    });
    const [first, ...others] = troubles;
    if (first === undefined) return pass(examinedText(files, primaryFiles.source));
    const place = posix.join(files.dataDirectory, first.path);
    return fail({
      title: `A base backup cannot send ${nameIn(first.path)}`,
      message: `A base backup ends at ${place}: ${first.why}.${others.length === 0 ? '' : ` ${others.length} more are like it.`}`,
      where: at('primary', primary.name, place),
      evidence: troubles.slice(0, 20).map(({ path, why }) => evidence(path, why, primaryFiles.source)),
      remedy: safe(
        'Move it out of the data directory: it is not one of PostgreSQL’s files.',
        ...troubles
          .slice(0, 20)
          .map(({ path }) =>
            manual(
              'primary',
              `Find out whose it is, and move it out: mv ${shellWord(posix.join(files.dataDirectory, path))} to a directory outside ${files.dataDirectory}`,
            ),
          ),
      ),
    });
  },
});

const nameIn = (path: string): string => (path.length > 40 ? `…${path.slice(-39)}` : path);
