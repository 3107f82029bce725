import { ifSeen } from '../../facts/observed.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Step } from '../../facts/report.ts';
import type { Written } from '../../postgres/written-lines.ts';
import { commandLine } from '../../remedies/command-line.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const portInUse = defineRule({
  id: 'target/port-in-use',
  title: 'The port that the standby will ask for is taken',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['standbyPort', 'baseBackup', 'now'],
  wants: ['primary', 'targetDirectory', 'preparedConfiguration'],
  says: ['could not bind %s address "%s": Address already in use'],
  docs: {
    what: "Finds the port that the standby will ask for, in this machine's own configuration for it or in the one that comes with the copy, and tries whether it can be had.",
    why: 'The copy will succeed, and the server will not start until it is given another port.',
    notes:
      '`clone --start` takes a free port by itself unless `--server-options` names one; every later start of the standby needs the same `-o`, until `port` is set in its postgresql.conf.',
    references: ['PostgreSQL manual, section 19.3, `port`', 'PostgreSQL manual, pg_ctl, `-o`'],
  },
  judge({
    standbyPort: { number, inUse, free, source },
    baseBackup,
    now,
    targetDirectory,
    primary,
    preparedConfiguration,
  }) {
    const from = source.kind === 'prepared' ? source.file : `${source.file} (it comes with the copy)`;
    if (!inUse) return pass(`port ${number} is free (${from})`);
    const directory = ifSeen(targetDirectory)?.path ?? baseBackup.directory ?? 'DIRECTORY';
    const byPrimary = ifSeen(primary)?.sameMachine === true && source.kind === 'copied';
    return fail({
      message: `The standby will ask for port ${number}, and ${byPrimary ? 'the primary has it on this very machine' : 'something listens there already'}.`,
      where: at('client', undefined, source.kind === 'prepared' ? source.file : undefined, source.line),
      evidence: [evidence('port', `${number}, taken`, from)],
      remedy: safe(
        source.kind === 'prepared'
          ? 'Give the standby a port of its own.'
          : 'Start the standby with another port. It comes with the copy, so that it cannot be set before.',
        ...(source.kind === 'prepared'
          ? changeFile(source.file, free, ifSeen(preparedConfiguration)?.written, now)
          : [atStart(baseBackup, directory, free)]),
      ),
    });
  },
});

/** The last line for a setting counts (guc-file.l). */
function changeFile(file: string, free: number | undefined, written: Written | undefined, now: Date): readonly Step[] {
  if (free === undefined) return [manual('client', `Set another port in ${file} before the standby is started.`)];
  return [editFile('client', { file, now, written: written?.get(file) }, { act: 'append', lines: [`port = ${free}`] })];
}

/** Nothing can be typed before the copy is there, and the one way in which it is started is the user's to choose. */
function atStart(command: BaseBackupCommand, directory: string, free: number | undefined): Step {
  const port = free ?? 'PORT';
  const clone = `standbylint clone --start --server-options '-p ${port}' ${commandLine(command, {})}`;
  const byHand = `pg_ctl start -D ${shellWord(directory)} -o '-p ${port}'`;
  return manual(
    'client',
    `${free === undefined ? '' : `Port ${free} is free here. `}When the copy is there, start it by the first of these lines, or let the second do all of it:\n${byHand}\n${clone}`,
  );
}
