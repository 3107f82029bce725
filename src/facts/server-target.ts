/** The directory on the server that a base backup is written to (`--target=server:DIRECTORY`), as the server has it. */
export interface ServerTarget {
  readonly path: string;
  readonly is: 'absent' | 'a-directory' | 'not-a-directory' | 'not-accessible';
  /** Of one that is not accessible: what the server says. */
  readonly problem: string | undefined;
  /** Names in it, without "." and "..". */
  readonly entries: readonly string[];
  /** There are more. */
  readonly more: boolean;
  /** Whether the directory above it exists, which the server does not create. */
  readonly hasParent: boolean;
  /** One in it that does not exist: the server creates it. */
  readonly free: string;
}
