import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { serverProcesses } from './server-processes.ts';
import { noStandbyYet } from './subject.ts';

/** The processes of the standby's server while it runs: which of them are held up by somebody. */
export const ownProcessesCheck = defineCheck({
  brings: ['ownProcesses'],
  after: ['dataDirectory'],
  async look({ dataDirectory }, { subject, host, now }) {
    if (subject.command !== 'postmortem') return { ownProcesses: noStandbyYet };
    const directory = ifSeen(dataDirectory);
    const postmaster = directory?.postmaster;
    if (directory === undefined || postmaster?.process !== 'running')
      return { ownProcesses: notApplicable('no server is known to run on the data directory') };
    const found = await serverProcesses(host, directory.path, postmaster.pid, now());
    return {
      ownProcesses:
        found === undefined
          ? unseen('permission', 'the system does not show the processes of the server', 'run standbylint on its host')
          : seen(found, 'the states of its processes (/proc)'),
    };
  },
});
