import { ifSeen, seen } from '../../facts/observed.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { formatConninfo } from '../../postgres/conninfo-format.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const conninfoMissing = defineRule({
  id: 'conninfo/missing',
  title: 'The standby is not told where its primary is',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'standbyConfiguration', 'dataDirectory', 'now'],
  wants: ['primary', 'replicationRole', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  says: ['specified neither "primary_conninfo" nor "restore_command"'],
  docs: {
    what: 'Fails when a signal file is there and neither primary_conninfo nor restore_command is set.',
    why: 'The standby has nowhere to get WAL from: it only reads what somebody puts into its pg_wal.',
    notes: 'With restore_command alone a standby lives from the archive: that is a way to run one, and no fault.',
    references: [
      'PostgreSQL manual, section 26.2.4, Setting Up a Standby Server',
      'access/transam/xlogrecovery.c, validateRecoveryParameters()',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, standbyConfiguration, dataDirectory, primary, replicationRole } = facts;
    const { standby, recovery } = dataDirectory.signals;
    if (conninfo.text !== undefined) return pass(`primary_conninfo is set (${conninfo.file ?? 'on the command line'})`);
    const restore = standbyConfiguration.files.settings.get('restore_command');
    if (restore !== undefined && restore.value !== '')
      return notApplicable('restore_command is set: this standby lives from an archive');
    if (!standby && !recovery)
      return notApplicable('no signal file is there: nothing says that this is to be a standby');
    const server = ifSeen(primary);
    const role = ifSeen(replicationRole);
    const files = standbyConfiguration.files.filesRead;
    return fail({
      message: `${dataDirectory.path} has a signal file, and neither primary_conninfo nor restore_command is set in ${files.length === 0 ? standbyConfiguration.configFile : files.join(', ')}: the standby has nowhere to get WAL from.`,
      where: at('standby', undefined, standbyConfiguration.configFile),
      evidence: [
        evidence('primary_conninfo', 'not set', standbyConfiguration.configFile),
        evidence('restore_command', 'not set', standbyConfiguration.configFile),
      ],
      remedy: safe(
        'Tell it where its primary is.',
        ...(server === undefined || role === undefined
          ? [
              manual(
                'standby',
                `Set primary_conninfo, with the primary's host and port and the role that replicates, in ${dataDirectory.path}/postgresql.auto.conf; its password belongs into the password file of ${dataDirectory.owner.name}.`,
              ),
            ]
          : changeOnStandby(
              {
                ...facts,
                dataDirectory: seen(dataDirectory, dataDirectory.path),
                standbyConfiguration: seen(standbyConfiguration, standbyConfiguration.configFile),
              },
              {
                primary_conninfo: formatConninfo({ host: server.address, port: String(server.port), user: role.name }),
              },
              'reload',
            )),
      ),
    });
  },
});
