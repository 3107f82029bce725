import { ifSeen } from '../../facts/observed.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming, replayStands } from '../consequences.ts';

export const filesLost = defineRule({
  id: 'standby/files-lost',
  title: 'The standby has lost files of its data directory',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['serverFiles', 'dataDirectory', 'now'],
  wants: ['standbyRefusal', 'missingPages', ...newCopyFacts],
  explains: [...notStreaming, ...replayStands, 'standby/not-running', 'streaming/conflicts'],
  messages: ['reading-as-zeroes', 'access-status-transaction'],
  says: ['could not open relation mapping file "%s": %m', 'could not open file "%s": No such file or directory'],
  docs: {
    what: "Checks the files that every session needs: the maps of the catalogs (`pg_filenode.map`) and the catalog files that they name, `PG_VERSION` of each database, and the newest file of pg_xact: its size, and whether it holds the status of transactions that have ended; the newest files of pg_multixact; files of tables without content whose visibility map, or whose next part of 1 GB, has some; and, while the server runs, `global/pg_control`. With --admin it also compares the size of each relation's file with the file on the server that the standby follows: a page there whose LSN the standby has replayed must be in its own file, too. Also fails if the standby's server refuses a session because it cannot read one of its files.",
    why: 'A server keeps running with what it has in memory. During replay it reads a missing file of pg_xact as zeros: rows of committed transactions become invisible, on this server alone, and no error is reported.',
    notes:
      'What is missing is looked for a second time, because replay creates and drops databases and rewrites catalogs. Only the catalogs of the first 16 databases are checked. The tables of all are looked at for up to 3 seconds; without --admin, or without the right to call pg_stat_file() and pg_read_binary_file() there, a table that was never vacuumed, and an index, can be empty without being noticed. Do not promote such a standby.',
    references: [
      'src/backend/access/transam/slru.c: SlruPhysicalReadPage()',
      'src/backend/utils/cache/relmapper.c: load_relmap_file()',
      'src/backend/utils/init/postinit.c: InitPostgres()',
    ],
  },
  judge(facts) {
    const { serverFiles, dataDirectory, standbyRefusal } = facts;
    const { path, postmaster } = dataDirectory;
    const runs = postmaster?.process === 'running';
    const refused = ifSeen(standbyRefusal);
    const lost = [...serverFiles.lost, ...(ifSeen(facts.missingPages) ?? [])];
    const refusal = refused?.refusal === 'server-files-missing' ? refused.message : undefined;
    const [first] = lost;
    const incremental = dataDirectory.backupLabel?.label?.incrementalFrom ?? undefined;
    if (incremental !== undefined)
      return notApplicable('the directory is an incremental backup, which has a part of each file');
    if (dataDirectory.missingDirectories.length > 0 && refusal === undefined)
      return notApplicable('whole directories are missing');
    if (first === undefined && refusal === undefined)
      return pass(`${path} has the files that every session needs, and the status of its newest transactions`);
    const seen =
      first === undefined
        ? `its server refuses a session: "${refusal}"`
        : `${first.path}: ${first.because}${lost.length === 1 ? '' : `, and ${lost.length - 1} more`}`;
    return fail({
      message: `Files of ${path} are missing or damaged (${seen}). ${runs ? 'Its server runs on what it has in memory, and what it' : 'What a server on it'} shows or replays can be wrong.`,
      where: at('standby', undefined, first === undefined ? path : `${path}/${first.path}`),
      evidence: [
        ...(refusal === undefined ? [] : [evidence('its server says', refusal, 'a login on the standby')]),
        ...lost.slice(0, mostShown).map((one) => evidence(one.path, one.because, path)),
      ],
      remedy: newCopy(facts),
    });
  },
});

const mostShown = 5;
