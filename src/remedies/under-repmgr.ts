import type { Repmgr } from '../facts/manager.ts';
import type { Risk, Step } from '../findings/report.ts';
import type { StandbyConfiguration, StandbyConninfo } from '../facts/standby-configuration.ts';
import { formatConninfo } from '../postgres/conninfo-format.ts';
import { leadsElsewhere } from './assigned-setting.ts';
import { shellWord } from './quoting.ts';
import { shell } from './remedy.ts';

/** What is known of the node beside repmgr's own configuration. */
export interface RepmgrSeen {
  readonly conninfo: StandbyConninfo | undefined;
  readonly configuration: StandbyConfiguration | undefined;
  /** The server runs, and is a standby. */
  readonly recovers: boolean;
}

interface Way {
  readonly summary: string;
  readonly risk: Risk;
  readonly steps: readonly Step[];
}

/**
 * repmgr starts no server and writes neither pg_hba.conf nor settings: only what it keeps a record of goes through it, a copy,
 * a rewind, and which upstream is followed.
 */
export function throughRepmgr<T extends Way>(way: T, manager: Repmgr, seen: RepmgrSeen): T {
  const upstream = upstreamOf(manager, seen);
  const rewinds = way.steps.some(isRewind);
  if (rewinds && upstream !== undefined) return rejoined(way, manager, seen, upstream);
  if (way.steps.some(isCopy) && upstream !== undefined) return cloned(way, manager, upstream);
  if (seen.recovers && way.steps.some((step) => leadsElsewhere(step, seen.conninfo) !== undefined))
    return followed(way, manager);
  return way;
}

const isCopy = ({ on, does, kind }: Step): boolean => on === 'standby' && does === 'copy' && kind === 'shell';
const isRewind = ({ on, does }: Step): boolean => on === 'standby' && does === 'rewind';

/** `standby clone` makes the base backup, primary_conninfo and standby.signal; the record of the node is renewed once it runs. */
function cloned<T extends Way>(way: T, manager: Repmgr, upstream: string): T {
  const steps = way.steps.map((step) =>
    isCopy(step)
      ? { ...replaced(step, throughConfiguration(manager, `-d ${upstream} standby clone --fast-checkpoint`)) }
      : step,
  );
  return {
    ...way,
    summary: `clone the node with repmgr; ${way.summary.replace(/^.*; /u, '')}`,
    steps: [...steps, registered(manager)],
  };
}

/**
 * `node rejoin` runs pg_rewind, keeps the node's own files, writes primary_conninfo, starts the server and renews the record
 * (repmgr-action-node.c, do_node_rejoin).
 */
function rejoined<T extends Way>(way: T, manager: Repmgr, { configuration }: RepmgrSeen, upstream: string): T {
  const at = way.steps.findIndex(isRewind);
  const stops = way.steps.slice(0, at).filter(({ does }) => does === 'stop');
  const others = way.steps.filter(({ on }) => on !== 'standby');
  const files = configuration?.ownFiles.filter((file) => !file.includes(',')) ?? [];
  const kept = files.length === 0 ? '' : ` --config-files=${shellWord(files.join(','))}`;
  const [rewind] = way.steps.slice(at);
  return {
    ...way,
    summary: `let repmgr rewind the node and make it follow its primary again${/ \(discards.*\)$/u.exec(way.summary)?.[0] ?? ''}`,
    steps: [
      ...others,
      ...stops,
      shell(
        'standby',
        throughConfiguration(manager, `node rejoin -d ${upstream} --force-rewind${kept}`),
        'rewind',
        ...(rewind?.paths ?? []),
      ),
    ],
  };
}

/** repmgr finds the primary by its own records, writes primary_conninfo and makes the server use it. */
function followed<T extends Way>(way: T, manager: Repmgr): T {
  return {
    ...way,
    summary: 'let repmgr point the standby to its primary',
    steps: [
      ...way.steps.filter(({ on }) => on !== 'standby'),
      shell('standby', throughConfiguration(manager, 'standby follow'), 'run'),
    ],
  };
}

/** The upstream's host and port are those of primary_conninfo, user, database and what else a login needs those by which repmgr reaches every node. */
function upstreamOf(manager: Repmgr, { conninfo }: RepmgrSeen): string | undefined {
  const [named] = conninfo?.hosts ?? [];
  if (named === undefined || conninfo?.hosts.length !== 1) return undefined;
  const { hostaddr: _, ...login } = manager.conninfo;
  return shellWord(formatConninfo({ ...login, host: named.host, port: String(named.port) }));
}

/** A command of repmgr, with the configuration of this node. */
export const throughConfiguration = ({ configFile }: Repmgr, words: string): string =>
  `repmgr -f ${shellWord(configFile)} ${words}`;

const registered = (manager: Repmgr): Step =>
  shell('standby', throughConfiguration(manager, 'standby register --force'), 'run');

const replaced = ({ on, does, paths }: Step, text: string): Step => ({
  ...shell(on, text, does),
  ...(paths === undefined ? {} : { paths }),
});
