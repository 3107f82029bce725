import { disruptive, safe } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { historySinceCopy } from '../../derived/history-since-copy.ts';
import { intoUse } from '../../remedies/signal-file.ts';

export const signalMisnamed = defineRule({
  id: 'standby/signal-misnamed',
  title: 'The signal file has the wrong name',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile'],
  wants: ['standbyControl', 'runningStandby', 'timelines', 'localWal'],
  explains: [...notStreaming],
  docs: {
    what: 'Fails when there is no signal file, but a file with a similar name: `standby.signal.txt`, `Standby.signal`, or `standby.signal` with a trailing space.',
    why: 'The server looks for exactly this name. Without the file, it starts as a primary.',
    notes:
      'A file that was moved aside on purpose (`standby.signal.bak`, `.old`) is ignored. If a server was started since, renaming is too late: see standby/signal-missing.',
    references: [
      'src/include/access/xlog_internal.h: STANDBY_SIGNAL_FILE',
      'src/backend/access/transam/xlogrecovery.c: readRecoverySignalFile()',
    ],
  },
  judge(facts) {
    const { dataDirectory, standbyControl } = facts;
    const { path, signals, postmaster } = dataDirectory;
    if (signals.standby || signals.recovery)
      return pass(`${path}/${signals.standby ? 'standby.signal' : 'recovery.signal'} exists`);
    const [first] = signals.misnamed;
    if (first === undefined) return notApplicable(`no file in ${path} has a name like a signal file's`);
    const history = historySinceCopy(facts);
    if (['diverged', 'promoted', 'perhaps-the-primary', 'unknown'].includes(history.kind))
      return notApplicable('a server has run on it without a signal file, so renaming the file is not enough');
    const shown = JSON.stringify(first.name);
    const rename = moved('standby', `${path}/${first.name}`, `${path}/${first.meant}`);
    const runs = postmaster?.process === 'running';
    return fail({
      message: `${path} has ${shown}, but the server looks for exactly ${first.meant}: ${runs ? 'after its next start,' : 'if it is started now,'} it would be a primary.`,
      where: at('standby', undefined, `${path}/${first.name}`),
      evidence: signals.misnamed.map(({ name, meant }) => evidence('file', JSON.stringify(name), `meant as ${meant}`)),
      remedy:
        runs && history.kind !== 'shared'
          ? safe('Rename it. The running server does not need a restart.', rename)
          : (runs ? disruptive : safe)(
              'Rename it before anything starts the server.',
              rename,
              intoUse(standbyControl, dataDirectory),
            ),
    });
  },
});
