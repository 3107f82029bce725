import { notApplicable } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { lookAtPlace } from './place.ts';
import { noCopyIsMade } from './subject.ts';

/** Where the copy is to go (-D): what is there now, who may write there, and what it lies on. */
export const targetDirectoryCheck = defineCheck({
  brings: ['targetDirectory'],
  after: [],
  async look(_facts, { subject, host, now }) {
    if (subject.command === 'postmortem') return { targetDirectory: noCopyIsMade };
    const { directory, target } = subject.baseBackup;
    if (directory === undefined)
      return {
        targetDirectory: notApplicable(
          target === undefined ? 'no -D is given' : `the backup goes to the server's target ${target}`,
        ),
      };
    if (directory === '-') return { targetDirectory: notApplicable('-D - writes the archive to standard output') };
    return { targetDirectory: await lookAtPlace(host, directory, now()) };
  },
});
