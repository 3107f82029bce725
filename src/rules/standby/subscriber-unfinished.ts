import { ifSeen, seen } from '../../facts/observed.ts';
import { inForce } from '../../derived/in-force.ts';
import { isPrimaryNow } from '../../derived/role-now.ts';
import type { Written } from '../../postgres/written-lines.ts';
import { commentOut } from '../../remedies/comment-out.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { restart, start, stop } from '../../remedies/server-control.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const subscriberUnfinished = defineRule({
  id: 'standby/subscriber-unfinished',
  title: 'pg_createsubscriber began on this standby and did not finish',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: ['standbyConfiguration', 'runningStandby', 'standbyControl', 'slots'],
  explains: [
    ...notStreaming,
    'recovery/target-set',
    'standby/not-running',
    'conninfo/overridden',
    'conninfo/no-password',
    'hba/no-replication-entry',
    'hba/rejected',
    'hba/shadowed',
    'role/no-replication',
    'role/wrong-password',
    'role/superuser',
    'client/passfile-no-match',
  ],
  docs: {
    what: 'Fails if postgresql.auto.conf of a standby ends with the settings that `pg_createsubscriber` appends: a primary_conninfo of its own, and a recovery target at which the server promotes itself.',
    why: 'A run that was interrupted leaves them behind: at its next start the standby follows the publisher with the login of the administrator, and becomes a primary when it reaches the target.',
    notes:
      'While pg_createsubscriber runs, its settings are there as well. On the publisher the run may have left publications and slots named pg_createsubscriber_…, which keep WAL. After its promotion the rule does not apply.',
    references: ['src/bin/pg_basebackup/pg_createsubscriber.c: setup_recovery()'],
  },
  judge(facts) {
    const { dataDirectory, standbyConfiguration, now } = facts;
    if (isPrimaryNow(facts.runningStandby) || !dataDirectory.signals.standby)
      return notApplicable('it is not a standby any more');
    if (standbyConfiguration.status === 'unseen') return unexamined(standbyConfiguration.why);
    if (standbyConfiguration.status === 'not-applicable') return notApplicable(standbyConfiguration.why);
    const { written } = standbyConfiguration.value;
    const file = `${dataDirectory.path}/postgresql.auto.conf`;
    const lines = appended(written, file);
    const [first] = lines;
    if (first === undefined) return pass('pg_createsubscriber has left nothing in postgresql.auto.conf');
    const control = ifSeen(facts.standbyControl);
    const made = (ifSeen(facts.slots) ?? []).filter(({ name }) => name.startsWith('pg_createsubscriber_'));
    const left =
      made.length === 0
        ? ''
        : ` On the primary it has left slot ${made.map(({ name }) => name).join(', ')}: drop it there if the run is not to be repeated, as it keeps WAL.`;
    const target =
      inForce('recovery_target_lsn', { ...facts, dataDirectory: seen(dataDirectory, dataDirectory.path) })?.value ?? '';
    return fail({
      message: `${file} ends with what pg_createsubscriber appends: a primary_conninfo of its own, and recovery_target_action = promote${target === '' ? '' : ` at ${target}`}. It did not finish, so this is still a standby, and its next start promotes it.${left}`,
      where: at('standby', undefined, file, first),
      evidence: [evidence('its settings', `lines ${first} to ${lines.at(-1) ?? first}`, file)],
      remedy: disruptive(
        'If pg_createsubscriber is still running, let it finish. Otherwise, comment out what it appended, and start the standby: the settings above apply again.',
        ...commentOut(
          lines.map((line) => ({ file, line })),
          written,
          now,
        ),
        ...(control === undefined
          ? [restart('standby', { kind: 'unknown' })]
          : [...(control.running ? [stop('standby', control.control)] : []), start('standby', control.control)]),
      ),
    });
  },
});

/** The lines of its block; primary_conninfo stays where no other one stands above it. */
function appended(written: Written | undefined, file: string): readonly number[] {
  const lines = written?.get(file)?.lines ?? [];
  const begins = lines.lastIndexOf("recovery_target = ''");
  if (begins < 1 || lines[begins - 1]?.startsWith('primary_conninfo = ') !== true) return [];
  const length = lines.slice(begins).findIndex((line) => !/^recovery_target\w* = /u.test(line));
  const block = lines.slice(begins, length === -1 ? undefined : begins + length);
  const isIts =
    block.includes('recovery_target_action = promote') && block.some((line) => line.startsWith('recovery_target_lsn'));
  if (!isIts) return [];
  const own = lines.slice(0, begins - 1).some((line) => line.startsWith('primary_conninfo'));
  return Array.from({ length: block.length + (own ? 1 : 0) }, (_, at) => begins + 1 - (own ? 1 : 0) + at);
}
