export interface TreeOptions {
  /** More files are a problem, as is more time. */
  readonly limit: number;
  readonly timeoutMs: number;
  /** The first bytes of some of them are read, by the name of the file. */
  readonly beginning?: { readonly bytes: number; readonly most: number; of(name: string): boolean } | undefined;
}

/** A file of `filesBelow`. */
export interface FileInTree {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  /** It, or a directory below those that were named, is a symbolic link. */
  readonly isBehindLink: boolean;
  /** Of a file that is not empty, where that was asked for. */
  readonly beginning: Uint8Array | undefined;
}
