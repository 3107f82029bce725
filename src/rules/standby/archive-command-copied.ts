import { ifSeen, seen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Settings } from '../../facts/primary.ts';
import { textOf } from '../../facts/settings.ts';
import { inOneSpelling } from '../../postgres/settings.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const archiveCommandCopied = defineRule({
  id: 'standby/archive-command-copied',
  title: 'Promoted, this standby would write into its primary’s archive',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['standbyConfiguration', 'dataDirectory', 'now'],
  wants: ['primarySettings', 'standbyControl', 'runningStandby'],
  docs: {
    what: 'Warns when archive_mode is on (or always) here and archive_command is the very one that the primary has, writing to a place by name.',
    why: 'A standby that is promoted, also just to try something, begins to archive: into production’s own archive, where other standbys and restores then find a timeline that leads them astray. With archive_mode = always it writes there now.',
    notes:
      'For a standby that is to take over it is right that both share an archive, as long as the command refuses to overwrite what is there. Archiving tools that keep the servers apart by themselves (pgbackrest, wal-g, barman-wal-archive) are left out.',
    references: [
      'PostgreSQL manual, section 25.3.1, Setting Up WAL Archiving',
      'PostgreSQL manual, section 26.2.9, Continuous Archiving in Standby',
    ],
  },
  judge(facts) {
    const { standbyConfiguration, primarySettings } = facts;
    const { settings } = standbyConfiguration.files;
    const mode = inOneSpelling('archive_mode', settings.get('archive_mode')?.value ?? 'off', 18);
    const command = settings.get('archive_command');
    const text = command?.value ?? '';
    if (mode !== 'on' && mode !== 'always') return pass('archive_mode is off here');
    if (text === '' || /^\s*(?:\/bin\/true|true|:)\s*$/u.test(text))
      return pass('archive_command archives nothing here');
    if (/\b(?:pgbackrest|wal-g|wal-e|barman|pghoard|pg_probackup)\b/u.test(text))
      return notApplicable('archive_command is that of an archiving tool, which keeps the servers apart itself');
    const theirs = archiveCommandOf(primarySettings);
    if (theirs === undefined)
      return unexamined({
        kind: 'permission',
        because: 'archive_command of the primary is not shown',
        remedy: 'add --admin CONNINFO, a login of a superuser or of a member of pg_read_all_settings',
      });
    if (theirs !== text) return pass('archive_command is another one than the primary has');
    // cp -n, test ! -f: what is there is never overwritten
    const careful = /test !|\[ !|cp +(?:-\w+ +)*-\w*n|--no-clobber|--ignore-existing/u.test(text);
    if (careful && mode !== 'always')
      return pass('archive_command refuses to overwrite what is in the archive: both can share it');
    const source = command?.source;
    return fail({
      message: `archive_mode is ${mode} here, and archive_command is the primary's own: ${mode === 'always' ? 'this standby writes into the same archive now' : 'once promoted, even for a test, this server writes into the same archive'}, and overwrites what is there.`,
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
        'Let it archive nothing, until it is to take over.',
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
