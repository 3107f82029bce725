import { spawnSync } from 'node:child_process';

/**
 * Whether a program of the system that a few tests need is here. Where everything has to be shown (CI) they run without
 * asking, and fail where it is not.
 */
export const hasTool = (name: string): boolean =>
  process.env['CI'] === 'true' || spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
