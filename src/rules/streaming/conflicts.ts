import { at, safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { noStandby } from '../recovery/in-force.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { conflictEndsSoonSeconds, conflictsThatCount } from './thresholds.ts';

export const conflicts = defineRule({
  id: 'streaming/conflicts',
  title: 'Recovery has cancelled queries on the standby',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now', 'runningStandby'],
  wants: ['dataDirectory', 'standbyConfiguration', 'standbyControl'],
  says: ['canceling statement due to conflict with recovery', 'terminating connection due to conflict with recovery'],
  docs: {
    what: 'Warns when recovery has cancelled ten queries or more since the statistics began, says for which reason (snapshot, lock, buffer pin, tablespace, deadlock, logical slot), and which setting decides.',
    why: 'A query on the standby reads rows, or holds a lock, that WAL to be replayed removes or needs. After max_standby_streaming_delay the query is cancelled.',
    notes:
      'Fewer are what a standby that is read on sees now and then, and where the setting has been chosen already it is told as information.',
    references: ['https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT'],
  },
  judge(facts) {
    const { runningStandby: server } = facts;
    if (!server.inRecovery) return notApplicable(noStandby);
    const counted = server.conflicts;
    if (counted === undefined)
      return unexamined({ kind: 'permission', because: 'pg_stat_database_conflicts was not seen on the standby' });
    const kinds = (['snapshot', 'lock', 'bufferpin', 'deadlock', 'tablespace', 'logicalSlot'] as const)
      .map((kind) => ({ kind, count: counted[kind] }))
      .filter(({ count }) => count > 0);
    const total = kinds.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return pass('recovery has cancelled no query (pg_stat_database_conflicts)');
    const feedback = server.settings.get('hot_standby_feedback')?.value === 'on';
    const delayMs = Number(server.settings.get('max_standby_streaming_delay')?.value ?? 30_000);
    const patient = delayMs < 0 || delayMs >= conflictEndsSoonSeconds * 1000;
    // old row versions need the primary to keep them; all other kinds only need more patience here
    const bySnapshot = counted.snapshot * 2 > total;
    const chosen = bySnapshot ? feedback || patient : patient;
    const list = kinds.map(({ kind, count }) => `${count} for ${words[kind]}`).join(', ');
    const isMild = chosen || total < conflictsThatCount;
    return fail({
      title: `Recovery has cancelled ${total} ${total === 1 ? 'query' : 'queries'} on this standby`,
      severity: isMild ? 'info' : 'warning',
      message: `Since its statistics began, recovery has cancelled ${total} ${total === 1 ? 'query' : 'queries'} here: ${list}. ${
        bySnapshot
          ? `hot_standby_feedback is ${feedback ? 'on' : 'off'}.`
          : `A query may hold up replay for ${delayMs < 0 ? 'any time' : `${delayMs / 1000} s`} (max_standby_streaming_delay).`
      }`,
      where: at('standby'),
      evidence: [
        ...kinds.map(({ kind, count }) =>
          evidence(`cancelled for ${words[kind]}`, String(count), 'pg_stat_database_conflicts'),
        ),
        evidence('hot_standby_feedback', feedback ? 'on' : 'off', 'pg_settings'),
        evidence('max_standby_streaming_delay', delayMs < 0 ? '-1' : `${delayMs / 1000} s`, 'pg_settings'),
      ],
      ...(isMild
        ? {}
        : {
            remedy: bySnapshot
              ? safe(
                  'Let the primary keep the rows that queries here still read (its tables grow by what these queries make it keep).',
                  ...changeOnStandby(withServer(), { hot_standby_feedback: 'on' }, 'reload'),
                )
              : safe(
                  'Give queries on the standby five minutes (what it shows can be that much older).',
                  ...changeOnStandby(withServer(), { max_standby_streaming_delay: '5min' }, 'reload'),
                ),
          }),
    });

    function withServer() {
      return { ...facts, runningStandby: { status: 'seen', value: server, source: '' } as const };
    }
  },
});

const words = {
  snapshot: 'old row versions',
  lock: 'a lock',
  bufferpin: 'a buffer pin',
  deadlock: 'a deadlock',
  tablespace: 'a dropped tablespace',
  logicalSlot: 'a logical slot',
} as const;
