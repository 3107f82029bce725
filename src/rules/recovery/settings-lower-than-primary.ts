import { ifSeen } from '../../facts/observed.ts';
import { isOn } from '../../postgres/settings.ts';
import { settingsNotLowerOnStandby } from '../../postgres/settings.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { requirements, tooLow } from '../../derived/required-settings.ts';
import type { RequiredSetting } from '../../derived/required-settings.ts';
import { inFiles, inForce, inServer, majorOf, whyUnseen } from '../../derived/in-force.ts';
import { isPrimaryNow, noStandby } from '../../derived/role-now.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

const wants = [
  'controlFile',
  'primarySettings',
  'primary',
  'standbyConfiguration',
  'runningStandby',
  'standbyControl',
  'dataDirectory',
] as const;

export const settingsLowerThanPrimary = defineRule({
  id: 'recovery/settings-lower-than-primary',
  title: 'Settings on the standby are lower than on the primary',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants,
  explains: [...notStreaming, ...replayStands],
  messages: [
    'hot-standby-not-possible',
    'recovery-aborted-params',
    'promotion-not-possible',
    'detail-lower-setting',
    'hot-standby-param-13',
  ],
  docs: {
    what: 'Fails when `max_connections`, `max_worker_processes`, `max_wal_senders`, `max_prepared_transactions` or `max_locks_per_transaction` is lower on the standby than on its primary, according to the replayed WAL (the control file) or on the primary now. The fix raises all of them together.',
    why: 'A hot standby tracks the transactions and locks of its primary in memory of that size, and refuses to start with less. If the setting is raised on the primary later, a standby of 14 and later pauses replay, and a standby of 13 stops.',
    notes:
      'If replay was paused because of this, resuming it shuts the server down. Raise the settings first on the standby, then on the primary; lower them in the opposite order. With `hot_standby = off`, the server does not compare them.',
    references: [
      "Hot Standby, Administrator's Overview: https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN",
      'src/backend/access/transam/xlogrecovery.c: RecoveryRequiresIntParameter()',
    ],
  },
  judge(facts) {
    const { runningStandby, controlFile, standbyConfiguration } = facts;
    if (isPrimaryNow(runningStandby)) return notApplicable(noStandby);
    const hotStandby = inForce('hot_standby', facts);
    if (hotStandby !== undefined && !isOn(hotStandby.value))
      return notApplicable('hot_standby is off: the server does not compare these settings');
    const required = requirements(facts);
    if (required.size === 0)
      return unexamined(
        controlFile.status === 'unseen'
          ? controlFile.why
          : {
              kind: 'unreadable',
              because: 'neither the control file nor the primary shows the settings of the primary',
            },
      );
    const server = ifSeen(runningStandby);
    if (server === undefined && standbyConfiguration.status !== 'seen') return unexamined(whyUnseen(facts));
    const now = tooLow(required, (name) => inServer(name, facts)?.value);
    const next = tooLow(required, (name) => inFiles(name, facts)?.value);
    const low = server === undefined ? next : [...new Set([...now, ...next])];
    if (low.length === 0)
      return pass(
        `none of ${settingsNotLowerOnStandby.join(', ')} is lower than in ${[...new Set([...required.values()].map(({ source }) => source))].join(' and ')}`,
      );
    const list = low.map((name) => `${name} is ${own(name, facts)}, but ${required.get(name)?.value} on the primary`);
    const paused = server?.replay.pauseState === 'paused' || server?.replay.pauseState === 'pause requested';
    const inWal = now.some((name) => required.get(name)?.source === 'the control file');
    return fail({
      title: `${low.join(', ')} ${low.length === 1 ? 'is' : 'are'} lower than on the primary`,
      severity: server === undefined || now.length > 0 ? 'error' : 'warning',
      message: `${list.join('; ')}. ${consequence()}`,
      where: low.length === 1 ? (inForce(low[0] ?? '', facts)?.where ?? at('standby')) : at('standby'),
      evidence: [
        ...low.flatMap((name) => {
          const need = required.get(name);
          const set = inForce(name, facts);
          return [
            ...(set === undefined ? [] : [evidence(`${name} on the standby`, set.value, set.source)]),
            ...(need === undefined ? [] : [evidence(`${name} on the primary`, String(need.value), need.source)]),
          ];
        }),
        ...(server === undefined
          ? []
          : [evidence('replay', server.replay.pauseState ?? 'unknown', 'pg_get_wal_replay_pause_state()')]),
      ],
      remedy: disruptive(
        low.every((name) => !next.includes(name))
          ? 'Restart the standby. Its files already have the values.'
          : 'Raise them to the values of the primary, and restart the standby.',
        ...changeOnStandby(
          facts,
          Object.fromEntries(low.map((name) => [name, String(required.get(name)?.value ?? '')])),
          'restart',
        ),
      ),
    });

    function consequence(): string {
      if (server === undefined) return 'The server does not start as a standby.';
      if (now.length === 0)
        return 'The values of the running server are high enough, but it would not start again with these files.';
      if (paused && inWal)
        return 'Replay is paused because of it. Do not resume replay: that would shut the server down.';
      const stops = (majorOf(facts) ?? 13) < 14;
      return stops
        ? 'The server stops as soon as it replays the change of the primary.'
        : 'Replay pauses as soon as it reaches the change of the primary.';
    }
  },
});

type Facts = JudgedFacts<'now', (typeof wants)[number]>;

const own = (name: RequiredSetting, facts: Facts): string => {
  const [server, files] = [inServer(name, facts)?.value, inFiles(name, facts)?.value];
  if (server === undefined || files === undefined || server === files) return server ?? files ?? 'unknown';
  return `${server} (${files} in its files)`;
};
