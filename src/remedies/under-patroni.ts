import type { Patroni } from '../facts/manager.ts';
import type { WalSender } from '../facts/primary.ts';
import type { StandbyConninfo } from '../facts/standby-configuration.ts';
import type { Step } from '../findings/report.ts';
import {
  assignedSettings,
  hbaEntries,
  isOfHba,
  isOfReplication,
  leadsElsewhere,
  struckSettings,
} from './assigned-setting.ts';
import type { AssignedSetting } from './assigned-setting.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { isBesideManager } from './beside-manager.ts';
import { inResource } from './in-resource.ts';
import { shellWord } from './quoting.ts';
import { manual, shell } from './remedy.ts';
import type { Way } from './remedy.ts';

/** What is known of the cluster beside Patroni's own configuration. */
export interface PatroniSeen {
  readonly conninfo: StandbyConninfo | undefined;
  /** Who streams from the primary. */
  readonly senders: readonly WalSender[];
  /** The `scope` of the primary that --admin reaches. */
  readonly leaderOf: string | undefined;
}

/** Patroni writes the configuration at each start, and starts, stops and copies by itself. */
export function throughPatroni<T extends Way>(given: T, manager: Patroni, seen: PatroniSeen): T {
  const way = seen.leaderOf === manager.cluster ? ofLeader(given, manager) : given;
  const { steps } = way;
  if (steps.some(({ text }) => text === againOf(manager).text)) return way;
  const does = (...actions: readonly Step['does'][]): boolean =>
    steps.some(({ on, does: one }) => on !== 'primary' && actions.includes(one));
  if (does('copy') && !manager.runs) return anew(way, manager);
  if (does('copy', 'rewind'))
    return {
      ...way,
      summary: 'let Patroni make the base backup: it removes what is in the data directory',
      risk: 'destructive',
      steps: [
        ...startOf(manager),
        shell('standby', `${throughControl(manager, 'reinit')} ${member(manager)} --force`, 'run'),
      ],
    };
  const password = steps.some(({ edit }) => edit?.secret === true);
  if (password) return passwordOf(way, manager, seen);
  if (steps.some(isOfHba)) return manager.writesHba ? hbaOf(way, manager) : way;
  const set = steps.flatMap(assignedSettings);
  const primaries = steps.filter(({ on }) => on === 'primary');
  if (primaries.length > 0 && set.length > 0) return settingsOf(way, manager, set);
  if (!does('edit-file', 'make-file', 'set-configuration', 'start', 'restart', 'stop', 'move-aside', 'put-back'))
    return way;
  if (set.some(({ name }) => !isOfReplication(name))) return settingsOf(way, manager, set);
  return byStart(way, manager, seen);
}

/** Patroni makes the base backup where it starts without a data directory (patroni: ha.py, bootstrap). */
function anew<T extends Way>(way: T, manager: Patroni): T {
  const first = way.steps.slice(
    0,
    way.steps.findIndex(({ does }) => does === 'copy'),
  );
  return {
    ...way,
    summary: 'let Patroni make a new base backup; the old directory is moved aside',
    steps: [...first, ...startOf(manager)],
  };
}

/** primary_conninfo, standby.signal and the like are written by Patroni at each start of the server. */
function byStart<T extends Way>(way: T, manager: Patroni, { conninfo }: PatroniSeen): T {
  const struck = way.steps.filter(isOfPatroni).flatMap(struckSettings);
  const kept = [
    ...way.steps.filter((step) => step.on === 'primary' || isBesideManager(step) || isOfOthers(step)),
    ...[...new Set(struck)].map((name) => withoutParameter(manager, name)),
  ];
  const there = way.steps.map((step) => leadsElsewhere(step, conninfo)).find((one) => one !== undefined);
  if (there !== undefined && manager.runs && conninfo?.file?.endsWith('/postgresql.conf') === true)
    return { ...way, ...addressOf(manager, there), steps: [...addressOf(manager, there).steps, ...resumeOf(manager)] };
  const isOwnWork = struck.length > 0 || way.steps.some(isOfOthers);
  const restart = shell('standby', `${throughControl(manager, 'restart')} ${member(manager)} --force`, 'run');
  return manager.runs
    ? {
        ...way,
        summary: isOwnWork
          ? way.summary
          : 'let Patroni start the server: it writes its configuration and standby.signal first',
        risk: 'disruptive',
        steps: [...kept, ...resumeOf(manager), restart],
      }
    : {
        ...way,
        summary: isOwnWork ? way.summary : 'start Patroni: it starts the server',
        steps: [...kept, ...startOf(manager)],
      };
}

/** postgresql.conf is written by Patroni, at each start and when its parameters change (patroni: config.py, write_postgresql_conf). */
const isOfPatroni = ({ on, edit }: Step): boolean =>
  on === 'standby' && edit?.file.endsWith('/postgresql.conf') === true;

/** It includes postgresql.base.conf or custom_conf, and takes out of postgresql.auto.conf only what leads to a primary. */
const isOfOthers = (step: Step): boolean =>
  step.on === 'standby' &&
  step.does === 'edit-file' &&
  step.edit !== undefined &&
  !step.edit.file.endsWith('/postgresql.conf') &&
  ![...assignedSettings(step).map(({ name }) => name), ...struckSettings(step)].some(isOfReplication);

/** What the member's own configuration sets beats that of the cluster (patroni: config.py, _build_effective_configuration). */
function withoutParameter(manager: Patroni, name: string): Step {
  const own = manager.configFile ?? 'the configuration file of Patroni';
  const isOwn = manager.parameters?.own.includes(name) === true;
  if (!isOwn && manager.parameters?.shared.includes(name) === true)
    return shell(
      'standby',
      `${throughControl(manager, 'edit-config')} -s ${shellWord(`postgresql.parameters.${name}=null`)} --force`,
      'run',
    );
  return manual(
    'standby',
    `Correct ${name} in postgresql.parameters in ${own}${isOwn ? '' : ' (or, where it is not there, by patronictl edit-config)'}, and let Patroni read it: ${throughControl(manager, 'reload')} ${member(manager)} --force.`,
  );
}

/** Each member leads its primary_conninfo to the connect_address by which the leader registers itself (patroni: dcs/__init__.py, conn_url). */
function addressOf(manager: Patroni, { host, port }: { readonly host: string; readonly port: string }): Way {
  return {
    summary: "correct the address in the leader's configuration: every member takes it from there",
    risk: 'safe',
    steps: [
      {
        ...manual(
          'primary',
          `In Patroni's configuration on the machine of the leader, set postgresql.connect_address to ${host}:${port}, as the members reach it.`,
        ),
      },
      shell('standby', `${throughControl(manager, 'reload')} --role leader --force`, 'run'),
    ],
  };
}

/** The leader is a member, too: a restart by other hands can make Patroni fail over. */
function ofLeader<T extends Way>(way: T, manager: Patroni): T {
  const isRestart = ({ on, does }: Step): boolean => on === 'primary' && does === 'restart';
  if (!way.steps.some(isRestart)) return way;
  const restart = shell('standby', `${throughControl(manager, 'restart')} --role leader --force`, 'run');
  return { ...way, steps: way.steps.map((step) => (isRestart(step) ? restart : step)) };
}

/** Every member logs in with the password of its configuration: the role is given that one, unless others stream with another. */
function passwordOf<T extends Way>(way: T, manager: Patroni, { conninfo, senders }: PatroniSeen): T {
  const sql = way.steps.filter(({ on, kind }) => on === 'primary' && kind === 'sql');
  const where = manager.configFile ?? 'the configuration file of Patroni';
  const others = senders.filter(
    ({ user, state, applicationName }) =>
      user === conninfo?.user && state === 'streaming' && applicationName !== conninfo?.reportsAs,
  );
  if (conninfo?.user !== undefined && others.length > 0)
    return {
      ...way,
      summary: `correct the password in this member's configuration: ${others.map(({ applicationName }) => applicationName ?? 'another').join(', ')} streams as ${conninfo.user} with the one that the primary has`,
      risk: 'safe',
      steps: [
        manual(
          'standby',
          `Correct the password of postgresql.authentication.replication in ${where}, on this member only: that of the other members is right.`,
        ),
        shell('standby', `${throughControl(manager, 'reload')} ${member(manager)} --force`, 'run'),
      ],
    };
  if (sql.length === 0)
    return {
      ...way,
      steps: [
        manual('standby', `Correct the password of postgresql.authentication.replication in ${where} of every member.`),
        shell('standby', `${throughControl(manager, 'reload')} --force`, 'run'),
      ],
    };
  return {
    ...way,
    summary: 'give the role the password that Patroni uses, on the primary',
    steps: [manual('standby', `Read the password of postgresql.authentication.replication in ${where}.`), ...sql],
  };
}

function hbaOf<T extends Way>(way: T, manager: Patroni): T {
  const lines = hbaEntries(way.steps);
  if (manager.operator !== undefined) return inResource(way, manager.operator, manager.cluster);
  const others = way.steps.filter((step) => !isOfHba(step) && step.does !== 'reload');
  const isAdded = way.steps.every(
    ({ edit }) => edit === undefined || edit.changes.every(({ act }) => act !== 'replace'),
  );
  const shared = manager.hba;
  if (shared !== undefined && isAdded) {
    // in front of it all: the first line that matches decides
    const list = JSON.stringify({ postgresql: { pg_hba: [...lines, ...shared] } });
    const patch = `printf '%s\\n' ${shellWord(list)} | ${throughControl(manager, 'edit-config')} --force --apply -`;
    return {
      ...way,
      summary: 'add the entry to the configuration of the cluster: Patroni writes pg_hba.conf',
      steps: [...others, shell('standby', patch, 'run')],
    };
  }
  const list = lines.map((line) => `"${line}"`).join(' and ');
  const where = shared === undefined ? "its configuration file on the primary's machine" : 'patronictl edit-config';
  return {
    ...way,
    summary: 'change postgresql.pg_hba of Patroni, which writes pg_hba.conf',
    steps: [
      ...others,
      manual(
        'primary',
        `In postgresql.pg_hba of Patroni (${where}), ${isAdded ? 'add' : 'change the entry to'} ${list}.`,
      ),
      shell('standby', `${throughControl(manager, 'reload')} --force`, 'run'),
    ],
  };
}

/** Those are no parameters to Patroni (config.py, _RECOVERY_PARAMETERS). */
const ofRecovery =
  /^(?:restore_command|archive_cleanup_command|recovery_end_command|recovery_min_apply_delay|promote_trigger_file)$/u;

function settingsOf<T extends Way>(way: T, manager: Patroni, set: readonly AssignedSetting[]): T {
  if (manager.operator !== undefined) return inResource(way, manager.operator, manager.cluster);
  const settings = set.filter(({ name }) => !isOfReplication(name));
  const isOwn = ({ name }: AssignedSetting): boolean =>
    way.steps.every(({ on }) => on !== 'primary') && manager.parameters?.own.includes(name) === true;
  const inFile = settings.filter(isOwn);
  const own = settings.filter((one) => !isOwn(one));
  const where = manager.configFile ?? 'the configuration file of Patroni';
  const words = own
    .map(
      ({ name, value }) =>
        ` -s ${shellWord(`postgresql.${ofRecovery.test(name) ? 'recovery_conf' : 'parameters'}.${name}=${value === '' ? 'null' : value}`)}`,
    )
    .join('');
  const others = way.steps.filter(
    (step) => assignedSettings(step).length === 0 && !['reload', 'start', 'restart', 'stop'].includes(step.does),
  );
  const restarts = way.steps.some(({ does }) => does === 'restart' || does === 'start');
  const starts = way.steps.some(({ on, does }) => on === 'standby' && does === 'start');
  return {
    ...way,
    summary: 'change it in the configuration of the cluster: Patroni writes postgresql.conf',
    steps: [
      ...others,
      ...(own.length === 0
        ? []
        : [shell('standby', `${throughControl(manager, 'edit-config')}${words} --force`, 'run')]),
      ...(inFile.length === 0
        ? []
        : [
            manual(
              'standby',
              `In ${where}, under postgresql.parameters, set ${inFile.map(({ name, value }) => `${name}: ${value}`).join(', ')}: that beats the configuration of the cluster.`,
            ),
            shell('standby', `${throughControl(manager, 'reload')} ${member(manager)} --force`, 'run'),
          ]),
      ...loginOf(manager, set),
      ...(starts
        ? manager.runs
          ? [shell('standby', `${throughControl(manager, 'restart')} ${member(manager)} --force`, 'run')]
          : startOf(manager)
        : restarts
          ? [shell('standby', `${throughControl(manager, 'restart')} --pending --force`, 'run')]
          : []),
    ],
  };
}

/** primary_conninfo is made of postgresql.authentication.replication at each start (patroni: config.py, primary_conninfo_params). */
function loginOf(manager: Patroni, set: readonly AssignedSetting[]): readonly Step[] {
  const conninfo = set.find(({ name }) => name === 'primary_conninfo');
  if (conninfo === undefined) return [];
  const parsed = parseConninfo(conninfo.value);
  const given = parsed.ok
    ? ofLogin.flatMap((name) => {
        const value = parsed.value.values[name];
        return value === undefined || value === 'prefer' ? [] : [`${name}: ${value}`];
      })
    : [];
  const where = manager.configFile ?? 'the configuration file of Patroni';
  return given.length === 0
    ? []
    : [
        manual(
          'standby',
          `Set in postgresql.authentication.replication in ${where} of every member: ${given.join(', ')}.`,
        ),
        shell('standby', `${throughControl(manager, 'reload')} --force`, 'run'),
      ];
}

/** What can be set there (patroni: config.py, _AUTH_ALLOWED_PARAMETERS), but for who logs in. */
const ofLogin = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'gssencmode', 'channel_binding'] as const;

export const startOf = (manager: Patroni): readonly Step[] => (manager.runs ? [] : [againOf(manager)]);

/** It reads its own configuration at its start. */
export const againOf = (manager: Patroni): Step => ({
  ...manual(
    'standby',
    manager.runs
      ? 'Restart Patroni, which starts the server: systemctl restart patroni as root, or end it and start it as its user.'
      : `Start Patroni, which starts the server: systemctl start patroni as root${byHand(manager)}`,
  ),
  does: 'start',
});

const byHand = ({ configFile }: Patroni): string =>
  configFile === undefined ? '.' : `, or as its user: patroni ${shellWord(configFile)}`;

const resumeOf = (manager: Patroni): readonly Step[] =>
  manager.paused ? [shell('standby', throughControl(manager, 'resume'), 'run')] : [];

/** A command of patronictl for this cluster. */
export const throughControl = ({ configFile, cluster }: Patroni, command: string): string =>
  `patronictl${configFile === undefined ? '' : ` -c ${shellWord(configFile)}`} ${command} ${shellWord(cluster)}`;

const member = ({ member: name }: Patroni): string => shellWord(name ?? 'MEMBER');
