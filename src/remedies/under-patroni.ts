import type { Facts } from '../facts/facts.ts';
import type { Manager } from '../facts/manager.ts';
import type { Remedy, Risk, Step } from '../findings/report.ts';
import { shellWord } from './quoting.ts';
import { manual, shell } from './remedy.ts';
import { seenOf } from './seen-of.ts';

/**
 * Under Patroni what is done behind its back is undone: it writes the configuration at each start, and starts, stops and
 * copies by itself. A remedy goes through it.
 */
export function underPatroni(remedy: Remedy, facts: Partial<Facts>): Remedy {
  const manager = seenOf(facts.manager);
  if (manager === undefined) return remedy;
  const { alternatives, ...itself } = remedy;
  const way = through(itself, manager);
  const others = alternatives?.map((other) => ({ ...other, ...through(other, manager) }));
  const first = JSON.stringify(way.steps);
  // several ways by hand are one way of Patroni
  const different = others?.filter(({ steps }) => JSON.stringify(steps) !== first);
  return different === undefined || different.length === 0 ? way : { ...way, alternatives: different };
}

interface Way {
  readonly summary: string;
  readonly risk: Risk;
  readonly steps: readonly Step[];
}

function through<T extends Way>(way: T, manager: Manager): T {
  const { steps } = way;
  const does = (...actions: readonly Step['does'][]): boolean =>
    steps.some(({ on, does: one }) => on !== 'primary' && actions.includes(one));
  if (does('copy', 'rewind'))
    return {
      ...way,
      summary: 'let Patroni make the base backup: it removes what is in the data directory',
      risk: 'destructive',
      steps: [...startOf(manager), shell('standby', `${ctl(manager, 'reinit')} ${member(manager)} --force`, 'run')],
    };
  const password = steps.some(({ edit }) => edit?.secret === true);
  if (password) return passwordOf(way, manager);
  if (steps.some(isOfHba)) return manager.writesHba ? hbaOf(way, manager) : way;
  const set = steps.flatMap((step) => settingOf(step) ?? []);
  const primaries = steps.filter(({ on }) => on === 'primary');
  if (primaries.length > 0 && set.length > 0) return settingsOf(way, manager, set);
  if (!does('edit-file', 'make-file', 'set-configuration', 'start', 'restart', 'stop', 'move-aside', 'put-back'))
    return way;
  if (set.some(({ name }) => !isPatronis(name))) return settingsOf(way, manager, set);
  return byStart(way, manager);
}

/** primary_conninfo, standby.signal and the like are written by Patroni at each start of the server. */
function byStart<T extends Way>(way: T, manager: Manager): T {
  const kept = way.steps.filter(({ on }) => on === 'primary');
  const restart = shell('standby', `${ctl(manager, 'restart')} ${member(manager)} --force`, 'run');
  return manager.runs
    ? {
        ...way,
        summary: 'let Patroni start the server: it writes its configuration and standby.signal first',
        risk: 'disruptive',
        steps: [...kept, ...resumeOf(manager), restart],
      }
    : { ...way, summary: 'start Patroni: it starts the server', steps: [...kept, ...startOf(manager)] };
}

/** Every member logs in with the password of its configuration: the role is given that one. */
function passwordOf<T extends Way>(way: T, manager: Manager): T {
  const sql = way.steps.filter(({ on, kind }) => on === 'primary' && kind === 'sql');
  const where = manager.configFile ?? 'the configuration file of Patroni';
  if (sql.length === 0)
    return {
      ...way,
      steps: [
        manual('standby', `Correct the password of postgresql.authentication.replication in ${where} of every member.`),
        shell('standby', `${ctl(manager, 'reload')} --force`, 'run'),
      ],
    };
  return {
    ...way,
    summary: 'give the role the password that Patroni uses, on the primary',
    steps: [manual('standby', `Read the password of postgresql.authentication.replication in ${where}.`), ...sql],
  };
}

function hbaOf<T extends Way>(way: T, manager: Manager): T {
  const entries = way.steps.flatMap(({ edit }) => edit?.changes ?? []).map(({ text }) => text.trim());
  const lines = entries.filter((text) => text !== '' && !text.startsWith('#'));
  const others = way.steps.filter((step) => !isOfHba(step) && step.does !== 'reload');
  const isAdded = way.steps.every(
    ({ edit }) => edit === undefined || edit.changes.every(({ act }) => act !== 'replace'),
  );
  const shared = manager.hba;
  if (shared !== undefined && isAdded) {
    // in front of it all: the first line that matches decides
    const list = JSON.stringify({ postgresql: { pg_hba: [...lines, ...shared] } });
    const patch = `printf '%s\\n' ${shellWord(list)} | ${ctl(manager, 'edit-config')} --force --apply -`;
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
      shell('standby', `${ctl(manager, 'reload')} --force`, 'run'),
    ],
  };
}

interface Setting {
  readonly name: string;
  readonly value: string;
}

function settingsOf<T extends Way>(way: T, manager: Manager, set: readonly Setting[]): T {
  const words = set.map(({ name, value }) => ` -s ${shellWord(`postgresql.parameters.${name}=${value}`)}`).join('');
  const others = way.steps.filter(
    (step) => settingOf(step) === undefined && !['reload', 'start', 'restart', 'stop'].includes(step.does),
  );
  const restarts = way.steps.some(({ does }) => does === 'restart' || does === 'start');
  return {
    ...way,
    summary: 'change it in the configuration of the cluster: Patroni writes postgresql.conf',
    steps: [
      ...others,
      shell('standby', `${ctl(manager, 'edit-config')}${words} --force`, 'run'),
      ...(restarts ? [shell('standby', `${ctl(manager, 'restart')} --pending --force`, 'run')] : []),
    ],
  };
}

/** `ALTER SYSTEM SET x = 'y';`, or a line of a configuration file. */
function settingOf({ kind, does, text, edit }: Step): Setting | undefined {
  if (edit?.secret === true) return undefined;
  const line =
    does === 'set-configuration' && kind === 'sql'
      ? /^ALTER SYSTEM SET ([\s\S]+);$/u.exec(text.trim())?.[1]
      : edit?.changes.map((change) => change.text).find((one) => assignment.test(one));
  const [, name, quoted, plain] = assignment.exec(line ?? '') ?? [];
  const value = quoted?.replaceAll("''", "'") ?? plain;
  return name === undefined || value === undefined ? undefined : { name: name.toLowerCase(), value };
}

const assignment = /^\s*([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(?:'((?:[^']|'')*)'|([^\s#';]+))/u;

/** Patroni derives them from where the leader is (patroni: postgresql/config.py, _RECOVERY_PARAMETERS). */
const isPatronis = (name: string): boolean =>
  /^(?:primary_conninfo|primary_slot_name|recovery_target.*|hot_standby|cluster_name)$/u.test(name);

const isOfHba = ({ edit }: Step): boolean => edit !== undefined && /pg_hba[^/]*\.conf$/u.test(edit.file);

const startOf = (manager: Manager): readonly Step[] =>
  manager.runs
    ? []
    : [
        {
          ...manual(
            'standby',
            `Start Patroni, which starts the server: systemctl start patroni as root${byHand(manager)}`,
          ),
          does: 'start',
        },
      ];

const byHand = ({ configFile }: Manager): string =>
  configFile === undefined ? '.' : `, or as its user: patroni ${shellWord(configFile)}`;

const resumeOf = (manager: Manager): readonly Step[] =>
  manager.paused ? [shell('standby', ctl(manager, 'resume'), 'run')] : [];

const ctl = ({ configFile, cluster }: Manager, command: string): string =>
  `patronictl${configFile === undefined ? '' : ` -c ${shellWord(configFile)}`} ${command} ${shellWord(cluster)}`;

const member = ({ member: name }: Manager): string => shellWord(name ?? 'MEMBER');
