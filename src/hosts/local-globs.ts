import glob from 'fast-glob';

/** The files of this machine that shell patterns name, sorted. */
export const filesMatching = async (patterns: readonly string[]): Promise<readonly string[]> =>
  (await glob([...patterns], { dot: true })).toSorted();
