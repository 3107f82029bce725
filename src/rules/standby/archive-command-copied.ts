import { ifSeen, seen, withoutAdmin } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Settings } from '../../facts/primary.ts';
import { textOf } from '../../facts/settings.ts';
import { inOneSpelling } from '../../postgres/settings.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const archiveCommandCopied = defineRule({
  id: 'standby/archive-command-copied',
  title: "After a promotion, this standby would archive into its primary's archive",
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['standbyConfiguration', 'dataDirectory', 'now'],
  wants: ['primarySettings', 'standbyControl', 'runningStandby'],
  docs: {
    what: "Warns when archive_mode is on (or always) on the standby, and its archive_command is the same as the primary's and writes to a fixed path.",
    why: 'A promoted standby starts to archive, even if it was promoted only for a test. It then writes into the production archive, where other standbys and restores find a timeline that they must not follow. With archive_mode = always, it writes there already.',
    notes:
      'A standby that is meant for failover can share the archive if the command refuses to overwrite existing files. Archiving tools that separate the servers themselves (pgbackrest, wal-g, barman-wal-archive) are not checked.',
    references: [
      'Setting Up WAL Archiving: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-ARCHIVING-WAL',
      'Continuous Archiving in Standby: https://www.postgresql.org/docs/current/warm-standby.html#CONTINUOUS-ARCHIVING-IN-STANDBY',
    ],
  },
  judge(facts) {
    const { standbyConfiguration, primarySettings } = facts;
    const { settings } = standbyConfiguration.files;
    const mode = inOneSpelling('archive_mode', settings.get('archive_mode')?.value ?? 'off', 18);
    const command = settings.get('archive_command');
    const text = command?.value ?? '';
    if (mode !== 'on' && mode !== 'always') return pass('archive_mode is off on the standby');
    if (text === '' || /^\s*(?:\/bin\/true|true|:)\s*$/u.test(text)) return pass('archive_command archives nothing');
    if (/\b(?:pgbackrest|wal-g|wal-e|barman|pghoard|pg_probackup)\b/u.test(text))
      return notApplicable('archive_command uses an archiving tool that separates the servers itself');
    const theirs = archiveCommandOf(primarySettings);
    if (theirs === undefined)
      return unexamined(
        withoutAdmin(
          'permission',
          'archive_command of the primary is not visible',
          ', a connection as a superuser or as a member of pg_read_all_settings',
        ),
      );
    if (theirs !== text) return pass('archive_command differs from that of the primary');
    // cp -n, test ! -f: what is there is never overwritten
    const careful = /test !|\[ !|cp +(?:-\w+ +)*-\w*n|--no-clobber|--ignore-existing/u.test(text);
    if (careful && mode !== 'always')
      return pass('archive_command refuses to overwrite files in the archive, so both servers can share it');
    const source = command?.source;
    return fail({
      message: `archive_mode is ${mode} on the standby, and archive_command is the same as on the primary: ${mode === 'always' ? 'this standby writes into the same archive now' : 'after a promotion, even for a test, this server writes into the same archive'} and overwrites existing files.`,
      where: source?.kind === 'file' ? at('standby', undefined, source.file, source.line) : at('standby'),
      evidence: [
        evidence(
          'archive_command',
          text,
          source?.kind === 'file' ? `${source.file}, line ${source.line}` : 'the command line',
        ),
        evidence('archive_command of the primary', theirs, 'pg_settings'),
      ],
      remedy: safe(
        'Turn archiving off on this standby until it takes over.',
        ...changeOnStandby(
          {
            ...facts,
            dataDirectory: seen(facts.dataDirectory, facts.dataDirectory.path),
            standbyConfiguration: seen(standbyConfiguration, standbyConfiguration.configFile),
          },
          { archive_command: '/bin/true' },
          'reload',
        ),
      ),
    });
  },
});

const archiveCommandOf = (settings: Observed<Settings>): string | undefined => {
  const seen = ifSeen(settings);
  return seen === undefined ? undefined : textOf(seen, 'archive_command');
};
