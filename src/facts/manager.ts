/** A program that starts, configures and copies the server of the standby by itself, and takes back what is changed behind its back. */
export interface Manager {
  readonly kind: 'patroni';
  /** `scope` of its configuration. */
  readonly cluster: string;
  /** `name` of its configuration. */
  readonly member: string | undefined;
  /** Its own configuration on the standby's machine, where that was found. */
  readonly configFile: string | undefined;
  /** Its process runs on the standby's machine. */
  readonly runs: boolean;
  /** `patronictl pause`: it starts and stops nothing. */
  readonly paused: boolean;
  /** It writes pg_hba.conf. */
  readonly writesHba: boolean;
  /** The entries of pg_hba.conf that stand in the configuration of the whole cluster; undefined: they stand elsewhere. */
  readonly hba: readonly string[] | undefined;
}
