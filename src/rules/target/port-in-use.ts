import { ifSeen } from '../../facts/observed.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Step } from '../../findings/report.ts';
import type { Written } from '../../postgres/written-lines.ts';
import { commandLine } from '../../remedies/command-line.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const portInUse = defineRule({
  id: 'target/port-in-use',
  title: 'The port of the standby is already in use',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['standbyPort', 'baseBackup', 'now'],
  wants: ['primary', 'targetDirectory', 'preparedConfiguration'],
  says: ['could not bind %s address "%s": Address already in use'],
  docs: {
    what: "Finds the port that the standby will use, in this machine's configuration for it or in the configuration that the base backup includes, and checks whether it is free.",
    why: 'The base backup succeeds, but the standby does not start until it gets another port.',
    notes:
      '`clone --start` uses a free port by itself unless `--server-options` gives one. Every later start of the standby needs the same `-o` until `port` is set in its postgresql.conf.',
    references: [
      'port: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-PORT',
      'pg_ctl, -o: https://www.postgresql.org/docs/current/app-pg-ctl.html',
    ],
  },
  judge({
    standbyPort: { number, inUse, free, source },
    baseBackup,
    now,
    targetDirectory,
    primary,
    preparedConfiguration,
  }) {
    const from = source.kind === 'prepared' ? source.file : `${source.file} (included in the base backup)`;
    if (!inUse) return pass(`port ${number} is free (${from})`);
    const directory = ifSeen(targetDirectory)?.path ?? baseBackup.directory ?? 'DIRECTORY';
    const byPrimary = ifSeen(primary)?.sameMachine === true && source.kind === 'copied';
    return fail({
      message: `The standby will use port ${number}, but ${byPrimary ? 'the primary on this machine already uses it' : 'another program already listens on it'}.`,
      where: at('client', undefined, source.kind === 'prepared' ? source.file : undefined, source.line),
      evidence: [evidence('port', `${number}, in use`, from)],
      remedy: safe(
        source.kind === 'prepared'
          ? 'Give the standby another port.'
          : 'Start the standby with another port. The base backup brings the setting along, so it cannot be changed before.',
        ...(source.kind === 'prepared'
          ? changeFile(source.file, free, ifSeen(preparedConfiguration)?.written, now)
          : [atStart(baseBackup, directory, free)]),
      ),
    });
  },
});

/** The last line for a setting counts (guc-file.l). */
function changeFile(file: string, free: number | undefined, written: Written | undefined, now: Date): readonly Step[] {
  if (free === undefined) return [manual('client', `Set another port in ${file} before you start the standby.`)];
  return [editFile('client', { file, now, written: written?.get(file) }, { act: 'append', lines: [`port = ${free}`] })];
}

/** Nothing can be typed before the copy is there, and the one way in which it is started is the user's to choose. */
function atStart(command: BaseBackupCommand, directory: string, free: number | undefined): Step {
  const port = free ?? 'PORT';
  const clone = `standbylint clone --start --server-options '-p ${port}' ${commandLine(command, {})}`;
  const byHand = `pg_ctl start -D ${shellWord(directory)} -o '-p ${port}'`;
  return manual(
    'client',
    `${free === undefined ? '' : `Port ${free} is free on this machine. `}After the base backup, start the standby with the first of these lines, or use the second to do both:\n${byHand}\n${clone}`,
  );
}
