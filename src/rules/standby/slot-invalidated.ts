import { literal } from '../../remedies/quoting.ts';
import { disruptive, manual, sql } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { noStandby } from '../../derived/role-now.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const slotInvalidated = defineRule({
  id: 'standby/slot-invalidated',
  title: 'A slot on the standby was invalidated',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby', 'now'],
  wants: ['standbyConfiguration', 'standbyControl', 'dataDirectory'],
  docs: {
    what: 'Warns if a replication slot on the standby itself is invalidated: wal_status is lost, or pg_replication_slots gives a reason (16 and later). Slots that are synchronized from the primary are not checked.',
    why: "The slot's subscriber or standby can never use it again. The standby itself still follows its primary, so nothing else shows it.",
    notes:
      'Logical decoding on a standby (16 and later) needs hot_standby_feedback and a slot on the primary: otherwise vacuum on the primary removes rows of the catalogs that the slot still needs (rows_removed). It also needs wal_level = logical on the primary.',
    references: [
      'pg_replication_slots: https://www.postgresql.org/docs/current/view-pg-replication-slots.html',
      'Logical Decoding Concepts: https://www.postgresql.org/docs/current/logicaldecoding-explanation.html',
    ],
  },
  judge(facts) {
    const { runningStandby } = facts;
    if (!runningStandby.inRecovery) return notApplicable(noStandby);
    const invalid = runningStandby.slots.filter(
      ({ synced, invalidationReason, walStatus }) =>
        synced !== true && (invalidationReason !== undefined || walStatus === 'lost'),
    );
    const [first] = invalid;
    if (first === undefined) return pass('no slot of the standby is invalidated (pg_replication_slots)');
    const reason = first.invalidationReason ?? 'its WAL was removed';
    const lacksFeedback =
      first.type === 'logical' &&
      /^(?:rows_removed|conflicting)$/u.test(reason) &&
      runningStandby.settings.get('hot_standby_feedback')?.value === 'off';
    return fail({
      title: `Slot "${first.name}" on the standby was invalidated`.slice(0, 70),
      message: `The ${first.type} slot "${first.name}" on the standby is invalidated (${reason}): its ${first.type === 'logical' ? 'subscriber' : 'standby'} gets nothing from it any more.${lacksFeedback ? ' hot_standby_feedback is off, so vacuum on the primary removes rows of the catalogs that a logical slot here still needs.' : ''}${invalid.length === 1 ? '' : ` There are ${invalid.length - 1} more.`}`,
      where: at('standby'),
      evidence: invalid
        .slice(0, 5)
        .map(({ name, type, invalidationReason, walStatus }) =>
          evidence(
            `slot ${name}`,
            `${type}, ${invalidationReason ?? `wal_status ${walStatus ?? ''}`}`,
            'pg_replication_slots',
          ),
        ),
      remedy: disruptive(
        `Drop the slot${invalid.length === 1 ? '' : 's'}, and set up what read from ${invalid.length === 1 ? 'it' : 'them'} again.`,
        ...(lacksFeedback
          ? changeOnStandby(
              { ...facts, runningStandby: { status: 'seen', value: runningStandby, source: '' } },
              { hot_standby_feedback: 'on' },
              'reload',
            )
          : []),
        ...invalid.map(({ name }) => sql('standby', `SELECT pg_drop_replication_slot(${literal(name)});`, 'drop-slot')),
        manual(
          'standby',
          first.type === 'logical'
            ? 'Create the slot and its subscription again, with a new copy of the data: what was changed meanwhile is not sent.'
            : 'Create the slot again, and check with standbylint postmortem whether its standby still finds its WAL.',
        ),
      ),
    });
  },
});
