import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const clockSkew = defineRule({
  id: 'platform/clock-skew',
  title: 'The clocks of this machine and of the primary differ',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['serverClock'],
  wants: ['primary', 'dataDirectory'],
  docs: {
    what: "Compares the primary's clock with this machine's at the middle of one round trip, and warns if they differ by at least two seconds more than the uncertainty of the round trip.",
    why: 'Every comparison of times of both machines is wrong by this difference: the lag in seconds, recovery_min_apply_delay, a recovery target time, max_standby_streaming_delay, and the dates of certificates.',
    references: [
      'recovery_min_apply_delay: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-RECOVERY-MIN-APPLY-DELAY',
    ],
  },
  judge({ serverClock: { offsetMs, uncertaintyMs }, primary, dataDirectory }) {
    const side = dataDirectory.status === 'seen' ? 'standby' : 'client';
    const off = Math.abs(offsetMs);
    const measured = `${seconds(off)} (± ${seconds(uncertaintyMs)})`;
    if (off - uncertaintyMs < limitMs) return pass(`the clocks differ by ${measured}`);
    const name = ifSeen(primary)?.name ?? 'the primary';
    return fail({
      message: `The clock of ${name} is ${measured} ${offsetMs > 0 ? 'ahead of' : 'behind'} the clock of this machine. Lag, delays and recovery target times are wrong by this difference.`,
      where: at(side),
      evidence: [
        evidence(
          'clock of the primary minus clock of this machine',
          `${offsetMs > 0 ? '' : '-'}${seconds(off)}`,
          'clock_timestamp()',
        ),
      ],
      remedy: safe(
        'Synchronize both clocks with a time server.',
        manual(
          side,
          'On both machines: check that chrony, ntpd or systemd-timesyncd is running and synchronized (timedatectl, chronyc tracking).',
        ),
      ),
    });
  },
});

const limitMs = 2_000;

const seconds = (ms: number): string => formatDuration(ms / 1_000);
