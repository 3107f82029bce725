import { ifSeen, seen } from '../../facts/observed.ts';
import type { Evidence, Step } from '../../findings/report.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { isOn } from '../../postgres/settings.ts';
import { disruptive, safe } from '../../remedies/remedy.ts';
import { slotMade } from '../../remedies/reversible.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { connectWith } from '../../remedies/connecting.ts';
import { placeOf } from '../../derived/conninfo-source.ts';
import { inForce } from '../../derived/in-force.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const notSynchronized = defineRule({
  id: 'slot/not-synchronized',
  title: 'Slot synchronization is on but cannot run',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'dataDirectory', 'now'],
  wants: ['runningStandby', 'standbyConfiguration', 'standbyControl', 'baseBackup', 'primary'],
  messages: [
    'slotsync-requires-dbname',
    'slotsync-requires-set',
    'slotsync-requires-enabled',
    'slotsync-requires-wal-level',
    'slotsync-from-standby',
  ],
  docs: {
    what: 'Warns if sync_replication_slots (17 and later) is on but one of its requirements is not met on the standby: wal_level = logical, hot_standby_feedback, primary_slot_name, and dbname in primary_conninfo. It also warns if the upstream server is itself a standby.',
    why: 'The standby streams, but it has no copies of the failover slots: after a failover, logical subscribers cannot continue from it.',
    notes: 'The database in dbname is only used to log in. Streaming itself does not need it.',
    references: [
      'Replication Slot Synchronization: https://www.postgresql.org/docs/current/logicaldecoding-explanation.html#LOGICALDECODING-REPLICATION-SLOTS-SYNCHRONIZATION',
      'src/backend/replication/logical/slotsync.c: ValidateSlotSyncParams()',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, dataDirectory } = facts;
    const settings = {
      ...facts,
      standbyConninfo: seen(conninfo, placeOf(conninfo)),
      dataDirectory: seen(dataDirectory, dataDirectory.path),
    };
    if ((dataDirectory.major ?? 0) < 17) return notApplicable('slots are synchronized from 17 on');
    const synchronizing = inForce('sync_replication_slots', settings);
    if (synchronizing === undefined || !isOn(synchronizing.value))
      return notApplicable('sync_replication_slots is off');
    if (conninfo.text === undefined || conninfo.problem !== undefined)
      return notApplicable('primary_conninfo is missing or invalid');
    const isBelowStandby = ifSeen(facts.primary)?.inRecovery === true;
    if (isBelowStandby)
      return fail({
        title: 'Slots cannot be synchronized from another standby',
        message:
          'sync_replication_slots is on, but the upstream server is itself a standby, and slots can only be synchronized from a primary.',
        where: synchronizing.where,
        evidence: [evidence('sync_replication_slots', synchronizing.value, synchronizing.source)],
        remedy: safe(
          'Turn slot synchronization off on this standby.',
          ...changeOnStandby(settings, { sync_replication_slots: 'off' }, 'reload'),
        ),
      });

    const level = inForce('wal_level', settings);
    const feedback = inForce('hot_standby_feedback', settings);
    const slot = inForce('primary_slot_name', settings);
    const parsed = parseConninfo(conninfo.text);
    const lacks = {
      level: level !== undefined && level.value !== 'logical',
      feedback: feedback !== undefined && !isOn(feedback.value),
      slot: slot?.value === '',
      database: parsed.ok && (parsed.value.values.dbname ?? '') === '',
    };
    const missing = [
      ...(lacks.database ? ['dbname is not in primary_conninfo'] : []),
      ...(lacks.slot ? ['primary_slot_name is empty'] : []),
      ...(lacks.feedback ? ['hot_standby_feedback is off'] : []),
      ...(lacks.level ? [`wal_level on the standby is ${level?.value ?? ''}`] : []),
    ];
    if (missing.length === 0) return pass('all that slot synchronization requires of the standby is set');
    const name = slotNameFor(conninfo.reportsAs);
    const changes = {
      ...(lacks.slot ? { primary_slot_name: name } : {}),
      ...(lacks.feedback ? { hot_standby_feedback: 'on' } : {}),
      ...(lacks.level ? { wal_level: 'logical' } : {}),
    };
    const steps: readonly Step[] = [
      ...(lacks.slot ? [slotMade(name)] : []),
      ...(lacks.database ? connectWith(settings, { dbname: 'postgres' }, {}) : []),
      ...(Object.keys(changes).length === 0
        ? []
        : changeOnStandby(settings, changes, lacks.level ? 'restart' : 'reload')),
    ];
    const shown: readonly Evidence[] = [
      evidence('sync_replication_slots', synchronizing.value, synchronizing.source),
      ...(lacks.database ? [evidence('primary_conninfo', conninfo.text, placeOf(conninfo))] : []),
      ...[
        ['primary_slot_name', lacks.slot, slot] as const,
        ['hot_standby_feedback', lacks.feedback, feedback] as const,
        ['wal_level', lacks.level, level] as const,
      ].flatMap(([setting, isLacking, one]) =>
        isLacking && one !== undefined ? [evidence(setting, one.value === '' ? 'empty' : one.value, one.source)] : [],
      ),
    ];
    return fail({
      message: `sync_replication_slots is on, but ${missing.join(', and ')}: the standby synchronizes no slot of the primary.`,
      where: synchronizing.where,
      evidence: shown,
      remedy: (lacks.level ? disruptive : safe)('Set what slot synchronization requires.', ...steps),
    });
  },
});

/** slot.c, ReplicationSlotValidateName: lower-case letters, digits and underscores. */
function slotNameFor(reportsAs: string): string {
  const name = reportsAs.toLowerCase().replaceAll(/[^a-z0-9_]/gu, '_');
  return name === '' || name === 'walreceiver' ? 'standby1' : name.slice(0, 63);
}
