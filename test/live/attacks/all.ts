import type { Attack } from './attack.ts';
import { histories, lockFiles, paths } from './directories.ts';
import { files } from './files.ts';
import { hbaFiles } from './hba.ts';
import { otherServers } from './servers.ts';

export const attacks: readonly Attack[] = [
  ...otherServers,
  ...histories,
  ...lockFiles,
  ...paths,
  ...files,
  ...hbaFiles,
];
