import { ifSeen } from '../../facts/observed.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const portInUse = defineRule({
  id: 'target/port-in-use',
  title: 'The port that the standby will ask for is taken',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['standbyPort'],
  wants: ['primary'],
  says: ['could not bind %s address "%s": Address already in use'],
  docs: {
    what: "Finds the port that the standby will ask for, in this machine's own configuration for it or in the one that comes with the copy, and tries whether it can be had.",
    why: 'The copy will succeed, and the server will not start until it is given another port.',
    references: ['PostgreSQL manual, section 19.3, `port`'],
  },
  judge({ standbyPort: { number, inUse, source }, primary }) {
    const from = source.kind === 'prepared' ? source.file : `${source.file} (it comes with the copy)`;
    if (!inUse) return pass(`port ${number} is free (${from})`);
    const byPrimary = ifSeen(primary)?.sameMachine === true && source.kind === 'copied';
    return fail({
      message: `The standby will ask for port ${number}, and ${byPrimary ? 'the primary has it on this very machine' : 'something listens there already'}.`,
      where: at('client', undefined, source.kind === 'prepared' ? source.file : undefined, source.line),
      evidence: [evidence('port', `${number}, taken`, from)],
      remedy: safe(
        'Give the standby a port of its own.',
        manual(
          'client',
          source.kind === 'prepared'
            ? `Set another port in ${source.file} before the standby is started.`
            : 'Start the standby with another port: clone --start takes a free one, and so does pg_ctl start with -o "-p PORT".',
        ),
      ),
    });
  },
});
