import { standbySlot, standbySlotFacts } from '../../derived/standby-slot.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Slot } from '../../facts/primary.ts';
import { textOf } from '../../facts/settings.ts';
import { allOf } from '../../findings/sentence.ts';
import { namesBetweenCommas } from '../../postgres/name-list.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const failoverSlotsWait = defineRule({
  id: 'primary/failover-slots-wait',
  title: 'Logical replication waits for a standby that is not connected',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['slots', 'primary', 'fileSettings', 'primaryControl', ...standbySlotFacts],
  docs: {
    what: 'Warns if `synchronized_standby_slots` names a slot that does not exist, is logical, has been invalidated or is not in use, and a failover slot exists that waits for it.',
    why: 'A subscriber of a failover slot receives a change only after the standbys of all these slots have confirmed it. As long as one of them does not, all these subscribers get nothing, and the primary keeps the WAL for them.',
    notes:
      'The setting exists from release 17 on. Slots without `failover`, and the commits of the primary itself, do not wait.',
    references: [
      'synchronized_standby_slots: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONIZED-STANDBY-SLOTS',
      'src/backend/replication/slot.c: StandbySlotsHaveCaughtup()',
    ],
  },
  judge(facts) {
    const { primarySettings: settings, slots, primary, fileSettings, primaryControl } = facts;
    const text = textOf(settings, 'synchronized_standby_slots') ?? '';
    const names = namesBetweenCommas(text);
    if (names.length === 0)
      return pass('synchronized_standby_slots is empty: logical replication waits for no standby');
    if (ifSeen(primary)?.inRecovery === true)
      return notApplicable('this server is itself a standby, where the setting has no effect');
    if (slots.status === 'unseen') return unexamined(slots.why);
    if (slots.status === 'not-applicable') return notApplicable(slots.why);
    const waiting = slots.value.filter(({ type, failover }) => type === 'logical' && failover === true);
    if (waiting.length === 0)
      return pass('no slot with failover exists, so nothing waits for synchronized_standby_slots');
    const held = names.flatMap((name) => {
      const because = whyHeld(slots.value.find((slot) => slot.name === name));
      return because === undefined ? [] : [{ name, because }];
    });
    if (held.length === 0) return pass(`all of ${names.join(', ')} are in use`);
    // what keeps the examined standby from streaming is fixed with it
    const own = standbySlot(facts);
    const ofOthers = held.filter(({ name }) => own.kind !== 'named' || own.name !== name);
    const left = names.filter((name) => ofOthers.every((one) => one.name !== name));
    const who = allOf(waiting.map(({ name }) => name));
    return fail({
      title: `Logical replication waits for slot ${allOf(held.map(({ name }) => name))}`,
      message: `synchronized_standby_slots is ${text}: the readers of ${who} receive a change only after the standbys of these slots have confirmed it. ${held.map(({ name, because }) => `Slot ${name} ${because}.`).join(' ')}`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('synchronized_standby_slots', text, 'pg_settings'),
        ...held.map(({ name, because }) => evidence(`slot ${name}`, because, slots.source)),
        evidence('failover slots', waiting.map(({ name }) => name).join(', '), slots.source),
      ],
      remedy:
        ofOthers.length === 0
          ? whenItStreams
          : safe(
              'Wait only for standbys that are connected. Name the others again when they stream: until then, a failover to one of them can lose changes that subscribers have.',
              ...changeAndReload(
                {
                  primarySettings: { status: 'seen', value: settings, source: 'pg_settings' },
                  fileSettings,
                  primaryControl,
                },
                { synchronized_standby_slots: left.join(', ') },
              ),
            ),
    });
  },
});

const whenItStreams = safe(
  'It goes on when this standby streams again.',
  manual(
    'primary',
    'Only if this standby is not to stream again soon: ALTER SYSTEM SET synchronized_standby_slots without its slot, and reload. A failover to it can then lose changes that subscribers have.',
  ),
);

function whyHeld(slot: Slot | undefined): string | undefined {
  if (slot === undefined) return 'does not exist';
  if (slot.type === 'logical') return 'is a logical slot, and only physical ones may be named';
  if (slot.invalidationReason !== undefined || slot.walStatus === 'lost') return 'has been invalidated';
  return slot.active ? undefined : 'is not in use';
}
