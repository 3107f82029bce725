import { safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { noStandby } from '../../derived/role-now.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { conflictEndsSoonSeconds } from '../../facts/thresholds.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const conflicts = defineRule({
  id: 'streaming/conflicts',
  title: 'Recovery has canceled queries on the standby',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now', 'runningStandby'],
  wants: ['dataDirectory', 'standbyConfiguration', 'standbyControl'],
  messages: ['conflict-cancel', 'conflict-terminate'],
  docs: {
    what: 'Warns when recovery has canceled ten or more queries since the statistics were reset, with the reason (snapshot, lock, buffer pin, tablespace, deadlock, logical slot) and the setting that controls it.',
    why: 'A query on the standby conflicts with WAL to be replayed: it reads rows that the WAL removes, or holds a lock that the WAL needs. After max_standby_streaming_delay, the query is canceled.',
    notes:
      'A few canceled queries are normal on a standby that serves queries. If the setting was already adjusted, this is only a note.',
    references: [
      'Handling Query Conflicts: https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT',
    ],
  },
  judge(facts) {
    const { runningStandby: server } = facts;
    if (!server.inRecovery) return notApplicable(noStandby);
    const counted = server.conflicts;
    if (counted === undefined)
      return unexamined({ kind: 'permission', because: 'pg_stat_database_conflicts could not be read on the standby' });
    const kinds = (['snapshot', 'lock', 'bufferpin', 'deadlock', 'tablespace', 'logicalSlot'] as const)
      .map((kind) => ({ kind, count: counted[kind] }))
      .filter(({ count }) => count > 0);
    const total = kinds.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return pass('recovery has canceled no query (pg_stat_database_conflicts)');
    const feedback = server.settings.get('hot_standby_feedback')?.value === 'on';
    const delayMs = Number(server.settings.get('max_standby_streaming_delay')?.value ?? 30_000);
    const patient = delayMs < 0 || delayMs >= conflictEndsSoonSeconds * 1000;
    // old row versions need the primary to keep them; all other kinds only need more patience here
    const bySnapshot = counted.snapshot * 2 > total;
    const chosen = bySnapshot ? feedback || patient : patient;
    const list = kinds.map(({ kind, count }) => `${count} for ${words[kind]}`).join(', ');
    const isMild = chosen || total < conflictsThatCount;
    return fail({
      title: `Recovery has canceled ${total} ${total === 1 ? 'query' : 'queries'} on this standby`,
      severity: isMild ? 'info' : 'warning',
      message: `Since the statistics were reset, recovery has canceled ${total} ${total === 1 ? 'query' : 'queries'} on this standby: ${list}. ${
        bySnapshot
          ? `hot_standby_feedback is ${feedback ? 'on' : 'off'}.`
          : `A query can delay replay ${delayMs < 0 ? 'without limit' : `for ${formatDuration(delayMs / 1000)}`} (max_standby_streaming_delay).`
      }`,
      where: at('standby'),
      evidence: [
        ...kinds.map(({ kind, count }) =>
          evidence(`canceled for ${words[kind]}`, String(count), 'pg_stat_database_conflicts'),
        ),
        evidence('hot_standby_feedback', feedback ? 'on' : 'off', 'pg_settings'),
        evidence('max_standby_streaming_delay', delayMs < 0 ? '-1' : formatDuration(delayMs / 1000), 'pg_settings'),
      ],
      ...(isMild
        ? {}
        : {
            remedy: bySnapshot
              ? safe(
                  'Let the primary keep the rows that queries on the standby still read (long queries then cause bloat on the primary).',
                  ...changeOnStandby(withServer(), { hot_standby_feedback: 'on' }, 'reload'),
                )
              : safe(
                  'Give queries on the standby five minutes (its data can then be that much older).',
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

/** Queries cancelled by recovery, of which fewer are what a standby that is read on sees now and then. */
const conflictsThatCount = 10;
