import { ifSeen } from '../../facts/observed.ts';
import { disruptive, safe } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { meantAsStandby } from '../../derived/meant-as-standby.ts';
import { isPrimaryNow } from '../../derived/role-now.ts';
import { intoUse } from '../../remedies/signal-file.ts';

export const recoverySignalInstead = defineRule({
  id: 'standby/recovery-signal-instead',
  title: 'recovery.signal exists instead of standby.signal',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  wants: ['standbyConninfo', 'standbyConfiguration', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  messages: ['must-specify-restore-command-old'],
  docs: {
    what: 'Fails when recovery.signal is in the data directory and standby.signal is not.',
    why: 'With recovery.signal, the server recovers from the archive up to its end and then promotes itself; it never streams. Without restore_command, it does not even start.',
    notes:
      'For a point-in-time recovery, recovery.signal is correct; this rule is about standbys. If both files exist, standby.signal takes precedence.',
    references: [
      'Recovering Using a Continuous Archive Backup: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-PITR-RECOVERY',
      'src/backend/access/transam/xlogrecovery.c: readRecoverySignalFile(), validateRecoveryParameters()',
    ],
  },
  judge({ dataDirectory, standbyConninfo, standbyConfiguration, standbyControl, runningStandby }) {
    const { path, signals } = dataDirectory;
    if (!signals.recovery) return pass(`${path}/recovery.signal does not exist`);
    if (signals.standby) return notApplicable('standby.signal exists as well, and takes precedence');
    if (isPrimaryNow(runningStandby)) return notApplicable('the server has been promoted already');
    const meant = meantAsStandby(standbyConninfo, standbyConfiguration);
    const restores = (ifSeen(standbyConfiguration)?.files.settings.get('restore_command')?.value ?? '') !== '';
    const runs = dataDirectory.postmaster?.process === 'running';
    return fail({
      message: `${path}/recovery.signal makes the server ${restores ? 'recover from the archive and then promote itself' : 'stop, because restore_command is not set'}: it never streams.${meant === undefined ? '' : ` It is meant to be a standby: ${meant}.`}`,
      where: at('standby', undefined, `${path}/recovery.signal`),
      evidence: [
        evidence('recovery.signal', 'exists', path),
        evidence('standby.signal', 'does not exist', path),
        ...(meant === undefined ? [] : [evidence('settings', meant, 'the configuration')]),
      ],
      remedy: (runs ? disruptive : safe)(
        'Make it a standby.',
        moved('standby', `${path}/recovery.signal`, `${path}/standby.signal`),
        intoUse(standbyControl, dataDirectory),
      ),
    });
  },
});
