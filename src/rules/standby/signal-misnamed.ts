import { at, disruptive, safe } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { pastOf } from './past.ts';
import { intoUse } from './signal.ts';

export const signalMisnamed = defineRule({
  id: 'standby/signal-misnamed',
  title: 'The signal file has a wrong name',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile'],
  wants: ['standbyControl', 'runningStandby', 'timelines', 'localWal'],
  explains: [...notStreaming],
  docs: {
    what: 'Fails when no signal file is there, and a file whose name is nearly `standby.signal`: `standby.signal.txt`, `Standby.signal`, one with a blank at its end.',
    why: 'The server looks for exactly this name, and without it starts as a primary of its own.',
    notes:
      'A file that was put aside (`standby.signal.bak`, `.old`) counts as put aside. Where a server was started since, renaming is too late: standby/signal-missing tells it.',
    references: [
      'access/xlog_internal.h, STANDBY_SIGNAL_FILE',
      'access/transam/xlogrecovery.c, readRecoverySignalFile()',
    ],
  },
  judge(facts) {
    const { dataDirectory, standbyControl } = facts;
    const { path, signals, postmaster } = dataDirectory;
    if (signals.standby || signals.recovery)
      return pass(`${path}/${signals.standby ? 'standby.signal' : 'recovery.signal'} is there`);
    const [first] = signals.misnamed;
    if (first === undefined) return notApplicable(`no file in ${path} has a name like a signal file's`);
    const past = pastOf(facts);
    if (past.kind === 'parted' || past.kind === 'promoted' || past.kind === 'unknown')
      return notApplicable('a server has run on it without a signal file, so that another name alone does not mend it');
    const shown = JSON.stringify(first.name);
    const rename = moved('standby', `${path}/${first.name}`, `${path}/${first.meant}`);
    const runs = postmaster?.process === 'running';
    return fail({
      message: `${path} has ${shown}, and the server looks for ${first.meant} exactly: ${runs ? 'after its next start' : 'started as it is,'} it would be a primary of its own.`,
      where: at('standby', undefined, `${path}/${first.name}`),
      evidence: signals.misnamed.map(({ name, meant }) => evidence('file', JSON.stringify(name), `meant as ${meant}`)),
      remedy:
        runs && past.kind !== 'shared'
          ? safe('Rename it; the server that runs need not be restarted.', rename)
          : (runs ? disruptive : safe)(
              'Rename it, before anything starts the server.',
              rename,
              intoUse(standbyControl, dataDirectory),
            ),
    });
  },
});
