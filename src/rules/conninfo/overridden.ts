import type { ConnectionAttempt } from '../../facts/connection.ts';
import type { AdminServer } from '../../facts/identity.ts';
import { stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { commentOut } from '../../remedies/comment-out.ts';
import { disruptive, safe } from '../../remedies/remedy.ts';
import { startWithout } from '../../remedies/standby-setting.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

const wants = [...primaryPlaceFacts, 'replicationLogin'] as const;

export const overridden = defineRule({
  id: 'conninfo/overridden',
  title: 'A later primary_conninfo overrides the correct one',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'now'],
  wants,
  explains: [
    ...notStreaming,
    'network/name-not-resolved',
    'network/connection-refused',
    'network/timed-out',
    'network/unreachable',
    'network/not-postgresql',
    'streaming/wrong-upstream',
    'timeline/system-identifier-differs',
  ],
  docs: {
    what: 'Looks for values of primary_conninfo that differ from the value in effect and are overridden by a later line, a file included later, postgresql.auto.conf (which is read last) or the command line.',
    why: 'Editing an overridden value has no effect.',
    notes:
      'Usually the last value is the intended one: pg_basebackup -R appends it to the settings of the copied server. A different earlier value is a note. It is an error only if the value in effect reaches no server or a server of another cluster, and --admin found the primary at the address in an overridden value. An empty value, the same value twice, and a second line in postgresql.auto.conf are not reported.',
    references: [
      'Parameter Interaction via the Configuration File: https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-CONFIGURATION-FILE',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, now } = facts;
    if (conninfo.text === undefined && conninfo.overridden.length === 0)
      return notApplicable('primary_conninfo is not set');
    const different = conninfo.overridden.filter(({ text }) => text !== '' && text !== conninfo.text);
    if (different.length === 0) return pass(`primary_conninfo is set in one place (${placeOf(conninfo)})`);
    // pg_basebackup -R writes below what it copied of another standby's own file, which nobody edits
    const others = different.filter(({ file }) => file !== conninfo.file || !isAutoConf(file));
    if (others.length === 0) return pass(`${placeOf(conninfo)} comes after the value from the copied standby`);
    const list = others.map((one) => placeOf(one)).join(' and ');
    const fault = {
      where: whereItStands(conninfo),
      evidence: [
        evidence('applies', conninfo.text ?? '(empty)', placeOf(conninfo)),
        ...others.map((one) => evidence('overridden', one.text, placeOf(one))),
      ],
    };
    const away = leadsAway({ ...facts, standbyConninfo: { status: 'seen', value: conninfo, source: '' } });
    const server = ifSeen(facts.adminServer);
    const right = others.findLast(({ text }) => server !== undefined && names(text, server));
    if (away === undefined || right === undefined)
      return fail({
        ...fault,
        severity: 'info',
        title: 'primary_conninfo is set in more than one place',
        message: `primary_conninfo in ${list} has no effect: ${placeOf(conninfo)} is read later and applies.`,
        remedy: safe(
          'Comment out the value without effect, so that it is not edited by mistake.',
          ...commentOut(others, conninfo.written, now),
        ),
      });
    return fail({
      ...fault,
      message: `${placeOf(right)} points to the primary but has no effect: ${placeOf(conninfo)} is read later and applies. That value points ${away.where}.`,
      evidence: [...fault.evidence, ...away.there.seen],
      remedy:
        conninfo.file === undefined
          ? disruptive(
              `Start the server without primary_conninfo on its command line: ${placeOf(right)} is right.`,
              ...startWithout('primary_conninfo', facts.standbyControl),
            )
          : {
              ...away.there.remedy,
              steps: [...commentOut(others, conninfo.written, now, '.overridden'), ...away.there.remedy.steps],
            },
    });
  },
});

type Facts = JudgedFacts<'now', (typeof wants)[number]>;

/** Whether the value that applies leads to no server or to one of another cluster, while the primary is elsewhere; and the way there. */
function leadsAway(
  facts: Facts,
): { readonly where: string; readonly there: NonNullable<ReturnType<typeof leadingToPrimary>> } | undefined {
  const login = ifSeen(facts.replicationLogin);
  if (login === undefined) return undefined;
  const stage = stageOf(login);
  const own = ifSeen(facts.controlFile);
  const isForeign =
    stage.stage === 'accepted' && own?.ok === true && stage.session.systemIdentifier !== own.value.systemIdentifier;
  if (!isForeign && stage.stage !== 'not-reached') return undefined;
  // what was reached says nothing of where the right server is
  const attempt: ConnectionAttempt = isForeign ? { ...stage.attempt, address: undefined } : stage.attempt;
  const there = leadingToPrimary(facts, attempt);
  return there && { where: isForeign ? 'to a server of another cluster' : 'to an address without a server', there };
}

/** Whether a connection string leads to the server that --admin has reached. */
function names(text: string, server: AdminServer): boolean {
  const parsed = parseConninfo(text);
  if (!parsed.ok) return false;
  const { host = '', hostaddr = '', port = '5432' } = parsed.value.values;
  return (
    port === String(server.port) &&
    [host, hostaddr].some(
      (name) =>
        name !== '' &&
        (name === server.host ||
          name === server.address ||
          (server.ownAddress && /^(?:127\.|::1$|localhost$)/u.test(name))),
    )
  );
}

const isAutoConf = (file: string): boolean => file.endsWith('/postgresql.auto.conf');
