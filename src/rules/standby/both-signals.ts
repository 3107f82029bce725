import { at, safe } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const bothSignals = defineRule({
  id: 'standby/both-signals',
  title: 'Both signal files are there',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  docs: {
    what: 'Warns when standby.signal and recovery.signal are both in the data directory.',
    why: 'standby.signal wins, so that the server is a standby today. Whoever removes one of the two later gets a server that recovers and promotes itself.',
    references: ['access/transam/xlogrecovery.c, readRecoverySignalFile()'],
  },
  judge({ dataDirectory: { path, signals } }) {
    if (!(signals.standby && signals.recovery))
      return pass(signals.standby ? `only standby.signal is in ${path}` : `not both are in ${path}`);
    const file = `${path}/recovery.signal`;
    return fail({
      message: `${path} has standby.signal and recovery.signal. The first one wins and the server is a standby; the second one is of no use.`,
      where: at('standby', undefined, file),
      evidence: [evidence('files', 'standby.signal, recovery.signal', path)],
      remedy: safe('Put recovery.signal aside; no restart is needed.', moved('standby', file, `${file}.put-aside`)),
    });
  },
});
