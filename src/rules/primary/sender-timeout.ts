import { ifSeen } from '../../facts/observed.ts';
import { isWithoutStream } from '../../derived/without-stream.ts';
import { integerOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { formatDuration } from '../../postgres/durations.ts';

const shortestReasonableMs = 10_000;
/** Below that a standby in good order may answer too late. */
const shortestThatHoldsMs = 1_000;

export const senderTimeout = defineRule({
  id: 'primary/sender-timeout',
  title: 'wal_sender_timeout is not suitable for a standby',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl', 'runningStandby', 'serverLog'],
  explains: ['streaming/not-connected', 'streaming/not-seen-by-primary'],
  docs: {
    what: 'Warns if `wal_sender_timeout` is below 10 seconds; 0 is a note. Below one second it is an error if the standby runs and does not stay connected.',
    why: 'With 0 the primary does not detect that a standby is gone: its WAL sender and its place in synchronous replication stay occupied until TCP times out. With a few seconds, a standby with a slow disk is disconnected again and again.',
    references: [
      'wal_sender_timeout: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-WAL-SENDER-TIMEOUT',
    ],
  },
  judge({ primarySettings: settings, primary, fileSettings, primaryControl, runningStandby, serverLog }) {
    const timeoutMs = integerOf(settings, 'wal_sender_timeout');
    if (timeoutMs === undefined)
      return unexamined({ kind: 'permission', because: 'wal_sender_timeout: the server does not show it' });
    if (timeoutMs >= shortestReasonableMs) return pass(`wal_sender_timeout is ${formatDuration(timeoutMs / 1000)}`);
    const never = timeoutMs === 0;
    const breaks = timeoutMs < shortestThatHoldsMs && isWithoutStream(ifSeen(runningStandby), serverLog);
    return fail({
      severity: never ? 'info' : breaks ? 'error' : 'warning',
      title: never
        ? 'wal_sender_timeout is 0: the primary does not detect a lost standby'
        : `wal_sender_timeout is only ${formatDuration(timeoutMs / 1000)}`,
      message: never
        ? 'The primary waits forever for a standby that does not answer. Its WAL sender stays occupied until TCP times out, which can take hours.'
        : `The primary disconnects a standby that has not answered for ${formatDuration(timeoutMs / 1000)}. A slow disk or a short network outage is enough.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('wal_sender_timeout', formatDuration(timeoutMs / 1000), 'pg_settings')],
      remedy: safe(
        'Set wal_sender_timeout to its default of 60 s, and reload.',
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { wal_sender_timeout: '60s' },
        ),
      ),
    });
  },
});
