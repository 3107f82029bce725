import { ifSeen } from '../../facts/observed.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const clockSkew = defineRule({
  id: 'platform/clock-skew',
  title: "This machine's clock and the primary's differ",
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['serverClock'],
  wants: ['primary', 'dataDirectory'],
  docs: {
    what: "Compares the primary's clock with this machine's at the middle of one round trip, and warns from two seconds on beyond what the round trip leaves uncertain.",
    why: 'Whatever compares times of both machines is wrong by that much: the lag in seconds, recovery_min_apply_delay, a recovery target time, max_standby_streaming_delay, and the dates of certificates.',
    references: ['PostgreSQL manual, section 19.6.3, `recovery_min_apply_delay`'],
  },
  judge({ serverClock: { offsetMs, uncertaintyMs }, primary, dataDirectory }) {
    const side = dataDirectory.status === 'seen' ? 'standby' : 'client';
    const off = Math.abs(offsetMs);
    const measured = `${seconds(off)} (± ${seconds(uncertaintyMs)})`;
    if (off - uncertaintyMs < limitMs) return pass(`the clocks differ by ${measured}`);
    const name = ifSeen(primary)?.name ?? 'the primary';
    return fail({
      message: `The clock of ${name} is ${measured} ${offsetMs > 0 ? 'ahead of' : 'behind'} this machine's. Lags, delays and times of recovery will be wrong by that much.`,
      where: at(side),
      evidence: [
        evidence("the primary's clock minus ours", `${offsetMs > 0 ? '' : '-'}${seconds(off)}`, 'clock_timestamp()'),
      ],
      remedy: safe(
        'Let both follow a time server.',
        manual(
          side,
          'On both machines: see that chrony, ntpd or systemd-timesyncd runs and is synchronised (timedatectl, chronyc tracking).',
        ),
      ),
    });
  },
});

const limitMs = 2_000;

const seconds = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
