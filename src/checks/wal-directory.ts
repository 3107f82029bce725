import { notApplicable } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { lookAtPlace } from './place.ts';
import { noCopyIsMade } from './subject.ts';

/** Where the copy's WAL is to go (--waldir). */
export const walDirectoryCheck = defineCheck({
  brings: ['walDirectory'],
  after: [],
  async look(_facts, { subject, host, now }) {
    if (subject.command === 'postmortem') return { walDirectory: noCopyIsMade };
    const { walDirectory } = subject.baseBackup;
    return {
      walDirectory:
        walDirectory === undefined
          ? notApplicable('no --waldir is given')
          : await lookAtPlace(host, walDirectory, now()),
    };
  },
});
