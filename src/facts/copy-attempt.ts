/** What a container was to make its data directory with: the command of many guides is a loop around pg_basebackup. */
export interface CopyAttempt {
  /** `pg_basebackup` and its options without -D, the variables of the container put in; undefined where it runs none that can be read. */
  readonly command: string | undefined;
  /** What a client program said last, without its secrets. */
  readonly said: string | undefined;
  /** The container's name, where it is looked at through its engine. */
  readonly container: { readonly engine: string; readonly name: string };
}
