import { ifSeen } from '../../facts/observed.ts';
import type { WriteTransaction } from '../../facts/primary.ts';
import type { Remedy } from '../../findings/report.ts';
import { isOn } from '../../postgres/settings.ts';
import { literal } from '../../remedies/quoting.ts';
import { disruptive, manual, safe, sql } from '../../remedies/remedy.ts';
import { timeText } from '../../derived/sighting-evidence.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { inFiles } from '../../derived/in-force.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const waitsForTransactions = defineRule({
  id: 'recovery/waits-for-transactions',
  title: 'The standby waits for a transaction on the primary to end',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: ['runningStandby', 'standbyConfiguration', 'serverLog', 'primaryActivity'],
  explains: [...notStreaming],
  says: [
    'Recovery snapshot is not yet ready for hot standby',
    'To enable hot standby, close write transactions with more than 64 subtransactions on the primary server',
  ],
  docs: {
    what: 'Fails when the standby is running, its log says that it has reached a consistent state, and it still accepts no connections although hot_standby is on. Names the open transactions on the primary that have written, and in 16 and later the one with more than 64 subtransactions.',
    why: 'A standby accepts queries only when it knows every open transaction on the primary. The primary cannot send a complete list while a transaction has more than 64 subtransactions (savepoints, or PL/pgSQL blocks with EXCEPTION), so the standby waits until the transaction ends. It receives and replays WAL meanwhile.',
    notes:
      'The standby itself is intact. After the transaction has ended, the standby opens at the next record of running transactions: within 15 seconds of activity on the primary, or at a checkpoint.',
    references: [
      'Handling Query Conflicts: https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT',
      'src/backend/storage/ipc/procarray.c: ProcArrayApplyRecoveryInfo()',
    ],
  },
  judge(facts) {
    const { dataDirectory, runningStandby, serverLog, primaryActivity, now } = facts;
    if (runningStandby.status === 'seen') return pass('it accepts connections');
    if (dataDirectory.postmaster?.process !== 'running') return notApplicable('the server is not running');
    const seen = { ...facts, dataDirectory: { status: 'seen', value: dataDirectory, source: '' } as const };
    if (!isOn(inFiles('hot_standby', seen)?.value ?? 'on')) return notApplicable('hot_standby is off');
    const log = ifSeen(serverLog);
    const consistent = log?.summary.sightings.find(
      ({ recognition, sinceStart }) => recognition.id === 'consistent-recovery-state' && sinceStart > 0,
    );
    if (log === undefined || consistent === undefined || log.summary.ready !== undefined)
      return notApplicable('its log does not show that it has reached a consistent state and waits');
    const since = consistent.last.time;
    const source = log.files.at(-1)?.path ?? 'its log';
    const activity = ifSeen(primaryActivity);
    const writers = activity?.writers ?? [];
    const known = writers.filter(({ overflowed }) => overflowed === true);
    const candidates = known.length > 0 ? known : writers.filter(({ overflowed }) => overflowed === undefined);
    if (candidates.length === 0 && since !== undefined && now.getTime() - since.getTime() < justConsistentMs)
      return notApplicable('it has just reached a consistent state');
    const [first] = candidates;
    const who = first === undefined ? undefined : nameOf(first);
    return fail({
      message: `The standby reached a consistent state${since === undefined ? '' : ` at ${timeText(since)}`} but still accepts no connections. It waits for a transaction on the primary with more than 64 subtransactions${known.length > 0 && who !== undefined ? `: ${who}` : ''}. It replays WAL meanwhile.`,
      where: at('primary'),
      evidence: [
        evidence('its log says', consistent.record.message, source),
        ...candidates
          .slice(0, mostShown)
          .map((one) =>
            evidence(
              one.overflowed === true ? 'more than 64 subtransactions' : 'open transaction that has written',
              described(one),
              one.pid === undefined ? 'pg_prepared_xacts' : 'pg_stat_activity',
            ),
          ),
      ],
      remedy: remedyFor(candidates, activity !== undefined),
    });
  },
});

const justConsistentMs = 20_000;
const mostShown = 5;

function remedyFor(candidates: readonly WriteTransaction[], wasAsked: boolean): Remedy {
  const checkpoint = sql('primary', 'CHECKPOINT;', 'checkpoint');
  const [first, ...others] = candidates;
  if (first === undefined)
    return wasAsked
      ? safe('The transaction seems to have ended: run a checkpoint on the primary.', checkpoint)
      : safe(
          'Find the transaction on the primary, and end it or wait until it ends.',
          manual(
            'primary',
            'List the open transactions that have written: SELECT pid, usename, state, xact_start FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start; with --admin CONNINFO, standbylint names it.',
          ),
        );
  const certain = first.overflowed === true || others.length === 0;
  if (!certain)
    return disruptive(
      'Wait until the transaction ends, or end it (its changes are rolled back).',
      manual(
        'primary',
        `Find out which of these uses savepoints or EXCEPTION blocks in a loop, and end it with SELECT pg_terminate_backend(PID): ${candidates.map(nameOf).join('; ')}. Then run CHECKPOINT.`,
      ),
    );
  const ended = candidates.filter(({ overflowed }) => overflowed === first.overflowed);
  return disruptive(
    'Wait until the transaction ends, or end it now (its changes are rolled back).',
    ...ended.map(({ pid, prepared }) =>
      pid === undefined
        ? manual('primary', `In its database: ROLLBACK PREPARED ${literal(prepared ?? '')}; or COMMIT PREPARED.`)
        : sql('primary', `SELECT pg_terminate_backend(${pid});`, 'end-session'),
    ),
    checkpoint,
  );
}

const nameOf = ({ pid, prepared, user, seconds }: WriteTransaction): string =>
  `${pid === undefined ? `prepared transaction ${prepared ?? ''}` : `process ${pid}`}${user === undefined ? '' : ` of role "${user}"`}${seconds === undefined ? '' : `, open for ${formatDuration(seconds)}`}`;

const described = (one: WriteTransaction): string =>
  [
    nameOf(one),
    one.database === undefined ? '' : `database "${one.database}"`,
    one.applicationName ?? '',
    one.state ?? '',
  ]
    .filter((part) => part !== '')
    .join(', ');
