import { addPassfileLine, changePassfileLine } from '../../remedies/passfile-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { connectingSide, connectionFacts } from '../conninfo/connecting.ts';
import { defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { passfileEntry } from './passfile-line.ts';
import { settledWithoutPassfile } from './password-needed.ts';

export const passfileNoMatch = defineRule({
  id: 'client/passfile-no-match',
  title: 'No line of the password file is for this connection',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['connectionPlan', 'replicationLogin', 'now'],
  wants: connectionFacts,
  explains: ['role/wrong-password', ...notStreaming],
  docs: {
    what: 'Fails when the server asks for a password, none is given otherwise, and no line of the password file matches host, port, database and user. It says why the nearest lines do not.',
    why: 'libpq then has no password.',
    notes:
      'The database of a replication connection is `replication` here, and not the one that is named. The first line that matches wins. A colon or a backslash within a field is written `\\:` or `\\\\`. For a Unix socket the host is `localhost`, or the directory of the socket where that is not the default one.',
    references: [
      'PostgreSQL manual, section 32.16, The Password File',
      'interfaces/libpq/fe-connect.c, passwordFromFile()',
    ],
  },
  judge({ connectionPlan: plan, replicationLogin, ...seen }) {
    const side = connectingSide(seen);
    const settled = settledWithoutPassfile(replicationLogin, plan);
    if (settled !== undefined) return settled;
    const { path, state, pathSource } = plan.password.passfile;
    if (state.kind !== 'no-match') return notApplicable(`${path}: whether a line matches is not what stops the login`);
    const taken = state.nearest.find(({ matches }) => matches);
    return fail({
      message: `The server asks ${plan.user} for a password, and no line of ${path} is for this connection: libpq looks for database replication, user ${plan.user}.`,
      where: at(side, undefined, path, state.nearest[0]?.line),
      evidence: [
        evidence('password file', `${path} (${pathSource})`, 'libpq'),
        ...state.nearest.map(({ line, because }) => evidence(`line ${line}`, because, path)),
      ],
      remedy:
        taken === undefined
          ? safe(
              'Add a line for this connection.',
              addPassfileLine(side, plan.password.passfile, passfileEntry(plan), seen.now),
            )
          : safe(
              'Write the password into the line that libpq takes.',
              changePassfileLine(side, plan.password.passfile, taken.line, seen.now),
            ),
    });
  },
});
