import { seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { noCopyIsMade } from './subject.ts';

/** The pg_basebackup command line, which is itself among what is linted. */
export const commandLine = defineCheck({
  brings: ['baseBackup'],
  after: [],
  async look(_facts, { subject }) {
    return {
      baseBackup: subject.command === 'postmortem' ? noCopyIsMade : seen(subject.baseBackup, 'the command line'),
    };
  },
});
