import { integerOf } from '../../facts/settings.ts';
import type { Settings } from '../../facts/primary.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { parseInteger } from '../../postgres/settings.ts';
import { inForce } from '../../derived/in-force.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const idleTimeout = defineRule({
  id: 'network/idle-timeout',
  title: 'Nothing detects or prevents a dead idle replication connection',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'primarySettings', 'now'],
  wants: [
    'fileSettings',
    'primaryControl',
    'standbyConfiguration',
    'runningStandby',
    'dataDirectory',
    'standbyControl',
  ],
  docs: {
    what: 'Checks wal_sender_timeout, wal_receiver_timeout and tcp_keepalives_idle if the primary and the standby run on different machines. A new standby inherits wal_receiver_timeout from the primary; for an existing standby its own value is checked.',
    why: 'NAT gateways and firewalls drop a connection that is idle for some minutes, often five. Each side then waits for the other: the standby falls behind, and its slot retains WAL, until a timeout expires.',
    notes: 'With the defaults (60 s) both sides send a message at least every 30 seconds, and nothing is reported.',
    references: [
      'wal_sender_timeout: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-WAL-SENDER-TIMEOUT',
      'tcp_keepalives_idle: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE',
    ],
  },
  judge({ replicationLogin, primarySettings, now, ...seen }) {
    const { outcome } = replicationLogin;
    if (outcome.accepted && (outcome.session.ownAddress || outcome.session.neighbor !== undefined))
      return notApplicable(
        'the primary and the standby run on the same machine: no NAT or firewall can drop the connection',
      );
    const sender = integerOf(primarySettings, 'wal_sender_timeout');
    // of a standby that exists its own counts; a copy takes over what its primary has
    const exists = seen.dataDirectory.status === 'seen';
    const receiver = exists
      ? parseInteger(inForce('wal_receiver_timeout', seen)?.value ?? '', 'ms')
      : integerOf(primarySettings, 'wal_receiver_timeout');
    const found = [weakness('wal_sender_timeout', sender), weakness('wal_receiver_timeout', receiver)].filter(
      (one) => one !== undefined,
    );
    const here = found.filter(({ name }) => exists && name === 'wal_receiver_timeout');
    const there = found.filter((one) => !here.includes(one));
    const keptAlive = isKeptAlive(primarySettings);
    if (found.length === 0 || (keptAlive && found.every(({ off }) => !off))) {
      return pass(
        `wal_sender_timeout is ${words(sender)}, wal_receiver_timeout ${words(receiver)}${keptAlive ? ', and TCP keepalives are on' : ''}`,
      );
    }
    return fail({
      message: `${found.map(({ says }) => says).join(' ')} If a NAT gateway or firewall drops the idle connection, both sides notice it late or never.`,
      where: at(there.length === 0 ? 'standby' : 'primary'),
      evidence: [
        evidence('wal_sender_timeout', words(sender), 'pg_settings'),
        evidence('wal_receiver_timeout', words(receiver), exists ? 'the standby' : 'pg_settings'),
        evidence('tcp_keepalives_idle', words(idleMs(primarySettings)), 'pg_settings'),
      ],
      remedy: safe(
        'Set the timeouts to one minute, so that both sides check the connection every 30 seconds.',
        ...(there.length === 0
          ? []
          : changeAndReload(
              {
                primarySettings: { status: 'seen', value: primarySettings, source: 'pg_settings' },
                fileSettings: seen.fileSettings,
                primaryControl: seen.primaryControl,
              },
              Object.fromEntries(there.map(({ name }) => [name, '1min'])),
            )),
        ...(here.length === 0
          ? []
          : changeOnStandby({ now, ...seen }, Object.fromEntries(here.map(({ name }) => [name, '1min'])), 'reload')),
      ),
    });
  },
});

/** After so long without a packet, gateways begin to forget. */
const forgottenAfterMs = 300_000;

interface Weakness {
  readonly name: string;
  readonly off: boolean;
  readonly says: string;
}

/** walsender.c: a keepalive is asked for when half of wal_sender_timeout has passed. */
function weakness(name: string, timeoutMs: number | undefined): Weakness | undefined {
  if (timeoutMs === undefined) return undefined;
  if (timeoutMs === 0) return { name, off: true, says: `${name} is 0, which disables it.` };
  if (timeoutMs / 2 <= forgottenAfterMs) return undefined;
  return { name, off: false, says: `${name} is ${words(timeoutMs)}: the connection may be idle that long.` };
}

function isKeptAlive(settings: Settings): boolean {
  const idle = idleMs(settings);
  return idle !== undefined && idle > 0 && idle <= forgottenAfterMs;
}

const idleMs = (settings: Settings): number | undefined => {
  const idle = integerOf(settings, 'tcp_keepalives_idle');
  return idle === undefined ? undefined : idle * 1_000;
};

const words = (ms: number | undefined): string =>
  ms === undefined ? 'unknown' : ms === 0 ? 'off' : formatDuration(ms / 1_000);
