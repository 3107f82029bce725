import { safe } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const bothSignals = defineRule({
  id: 'standby/both-signals',
  title: 'standby.signal and recovery.signal both exist',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  docs: {
    what: 'Warns when standby.signal and recovery.signal are both in the data directory.',
    why: 'standby.signal takes precedence, so the server is a standby now. If standby.signal is removed later, the server recovers and promotes itself.',
    references: ['src/backend/access/transam/xlogrecovery.c: readRecoverySignalFile()'],
  },
  judge({ dataDirectory: { path, signals } }) {
    if (!(signals.standby && signals.recovery))
      return pass(signals.standby ? `only standby.signal is in ${path}` : `${path} does not contain both files`);
    const file = `${path}/recovery.signal`;
    return fail({
      message: `${path} contains standby.signal and recovery.signal. standby.signal takes precedence, so the server is a standby; recovery.signal has no effect.`,
      where: at('standby', undefined, file),
      evidence: [evidence('files', 'standby.signal, recovery.signal', path)],
      remedy: safe('Move recovery.signal aside. No restart is needed.', moved('standby', file, `${file}.put-aside`)),
    });
  },
});
