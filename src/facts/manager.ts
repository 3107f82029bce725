import type { ManagerWord } from '../postgres/manager-log/last-words.ts';

/**
 * A program that starts, configures or copies the server of the standby by itself, and takes back what is changed behind its
 * back. A systemd unit, Debian's pg_ctlcluster and a container's engine only start it: `standbyControl` says those.
 */
export type Manager = Patroni | Repmgr | AutoFailover | Keeper;

export interface Patroni {
  readonly kind: 'patroni';
  /** Who writes Patroni's configuration, in a pod. */
  readonly operator: 'zalando' | 'crunchy' | 'stackgres' | undefined;
  /** `scope` of its configuration. */
  readonly cluster: string;
  /** `name` of its configuration. */
  readonly member: string | undefined;
  /** Its own configuration on the standby's machine, where that was found. */
  readonly configFile: string | undefined;
  /** Where its configuration has it write its own log; else it goes to its standard error. */
  readonly logFile?: string | undefined;
  /** Its process runs on the standby's machine. */
  readonly runs: boolean;
  /** `patronictl pause`: it starts and stops nothing. */
  readonly paused: boolean;
  /** It writes pg_hba.conf. */
  readonly writesHba: boolean;
  /** The entries of pg_hba.conf that stand in the configuration of the whole cluster; undefined: they stand elsewhere. */
  readonly hba: readonly string[] | undefined;
  /** What its own configuration and that of the cluster set under postgresql.parameters; a name in both has the value of its own. */
  readonly parameters?: { readonly own: readonly string[]; readonly shared: readonly string[] } | undefined;
  /** How long the leader keeps its lock without renewing it. */
  readonly ttlSeconds: number;
  /** Another configuration with the same `scope` and `name`, whose Patroni runs on the standby's machine, too. */
  readonly namesake?: string | undefined;
  /** Why it cannot start this server, whatever is done beside that; looked for while the server does not run. */
  readonly configurationFault?: ConfigurationFault | undefined;
  /** What its REST API says; undefined where it does not answer, or answers only over TLS. */
  readonly state: PatroniState | undefined;
}

/** `needs`: the release of the data directory. */
export type ConfigurationFault =
  | {
      readonly kind: 'closed';
      readonly file: string;
      /** Who has to read it. */
      readonly account: string;
      readonly owner: string;
      readonly mode: number;
    }
  /** `where`: `line 17, column 3` */
  | { readonly kind: 'not-yaml'; readonly file: string; readonly where: string }
  | { readonly kind: 'no-program'; readonly binDirectory: string; readonly needs: number | undefined }
  | { readonly kind: 'other-release'; readonly binDirectory: string; readonly major: number; readonly needs: number };

export interface PatroniState {
  /** No member has the leader's lock. */
  readonly unlocked: boolean;
  /** Its server runs, and it cannot ask it: its own login fails. */
  readonly cannotAsk?: true | undefined;
  /** For how long it has not reached the configuration store (etcd, Consul, …); undefined: before 2.1 it does not say. */
  readonly storeSilentSeconds: number | undefined;
}

export interface Repmgr {
  readonly kind: 'repmgr';
  readonly configFile: string;
  /** log_file */
  readonly logFile?: string | undefined;
  /** node_id */
  readonly node: number;
  /** node_name */
  readonly name: string;
  /** How the other nodes reach this one, without a password. */
  readonly conninfo: Readonly<Record<string, string>>;
  /** repmgrd runs with this configuration. */
  readonly runs: boolean;
  /** `failover=automatic`: repmgrd promotes, and makes the others follow. */
  readonly automatic: boolean;
}

export interface AutoFailover {
  readonly kind: 'pg_auto_failover';
  /** The data directory by which pg_autoctl knows the node. */
  readonly directory: string;
  /** `pg_autoctl run` of this directory. */
  readonly runs: boolean;
}

/** What runs the server in a pod or container and writes its configuration again at each start. */
export interface Keeper {
  readonly kind: 'cloudnative-pg' | 'stolon' | 'bitnami';
  readonly cluster: string | undefined;
  readonly member: string | undefined;
}

/** What a manager has said last in its own log. */
export interface ManagerLog {
  readonly by: 'patroni' | 'repmgr';
  /** What is wrong and not over since, the last said at the end; or that nothing is. */
  readonly words: readonly ManagerWord[];
}

/** repmgr's record of this node (repmgr.nodes), as its primary has it. */
export interface RepmgrRecord {
  /** Undefined: the node is not registered. */
  /** Undefined: the node is not registered. */
  readonly node:
    | {
        /** node_name there. */
        readonly name?: string | undefined;
        readonly active: boolean;
        readonly type: string;
        /** Where the other nodes reach it, as it is recorded. */
        readonly place?: RecordedPlace | undefined;
        /** Undefined: the record names none. */
        readonly upstream: RecordedUpstream | undefined;
        /** primary_conninfo leads to the upstream of the record; undefined where a name could not be resolved. */
        readonly follows: boolean | undefined;
      }
    | undefined;
}

export interface RecordedPlace {
  readonly host: string;
  readonly port: string;
}

export interface RecordedUpstream extends RecordedPlace {
  readonly name: string;
  /** It is the primary, and not another standby. */
  readonly isPrimary: boolean;
  /** The node_id of the primary. */
  readonly primary: number;
}
