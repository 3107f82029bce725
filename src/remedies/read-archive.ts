import type { Step } from '../findings/report.ts';
import type { Archive } from '../facts/standby-wal.ts';
import { changeOnStandby } from './standby-setting.ts';
import type { StandbySeen } from './standby-setting.ts';
import { majorOf } from '../derived/in-force.ts';

/** The standby reads the directory that its primary archives to; 14 and later take a new restore_command without a restart. */
export const readArchive = (seen: StandbySeen, { command }: Archive): readonly Step[] =>
  changeOnStandby(seen, { restore_command: command }, (majorOf(seen) ?? 13) >= 14 ? 'reload' : 'restart');
