import { seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';

/** The pg_basebackup command line, which is itself among what is linted. */
export const commandLine = defineCheck({
  brings: ['baseBackup'],
  after: [],
  look: (_facts, { subject }) => Promise.resolve({ baseBackup: seen(subject.baseBackup, 'the command line') }),
});
