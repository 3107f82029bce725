import { ifSeen } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

const shortestReasonableMs = 10_000;

export const senderTimeout = defineRule({
  id: 'primary/sender-timeout',
  title: 'wal_sender_timeout does not suit a standby',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl'],
  docs: {
    what: 'Warns when `wal_sender_timeout` is below 10 seconds, and notes when it is 0.',
    why: 'With 0 the primary never notices that a standby is gone: its WAL sender and its place in synchronous replication stay taken until TCP gives up. With a few seconds, a standby whose disk is slow for a moment is thrown out again and again.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-WAL-SENDER-TIMEOUT'],
  },
  judge({ primarySettings: settings, primary, fileSettings, primaryControl }) {
    const timeoutMs = integerOf(settings, 'wal_sender_timeout');
    if (timeoutMs === undefined)
      return unexamined({ kind: 'permission', because: 'wal_sender_timeout: the server does not show it' });
    if (timeoutMs >= shortestReasonableMs) return pass(`wal_sender_timeout is ${timeoutMs / 1000} s`);
    const never = timeoutMs === 0;
    return fail({
      severity: never ? 'info' : 'warning',
      title: never
        ? 'wal_sender_timeout is 0: the primary never notices that a standby is gone'
        : `wal_sender_timeout is ${timeoutMs} ms: a standby that is slow for a moment is thrown out`,
      message: never
        ? 'The primary waits without an end for a standby that does not answer. Its WAL sender stays taken until TCP gives up, which takes hours.'
        : `The primary ends the connection of a standby that has not answered for ${timeoutMs} ms. A slow disk or a short break of the network is enough.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('wal_sender_timeout', `${timeoutMs} ms`, 'pg_settings')],
      remedy: safe(
        'Set it to the default of 60 s and reload.',
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { wal_sender_timeout: '60s' },
        ),
      ),
    });
  },
});
