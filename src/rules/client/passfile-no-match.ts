import { addPassfileLine, changePassfileLine } from '../../remedies/passfile-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { connectingSide, connectionFacts } from '../../remedies/connecting.ts';
import { at, defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { passfileEntry } from '../../remedies/passfile-line.ts';
import { settledWithoutPassfile } from '../../derived/password-needed.ts';

export const passfileNoMatch = defineRule({
  id: 'client/passfile-no-match',
  title: 'No line of the password file matches this connection',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['connectionPlan', 'replicationLogin', 'now'],
  wants: connectionFacts,
  explains: ['role/wrong-password', ...notStreaming],
  docs: {
    what: 'Fails if the server asks for a password, no other source provides one, and no line of the password file matches host, port, database and user. It shows why the nearest lines do not match.',
    why: 'libpq then has no password.',
    notes:
      'For a replication connection the database is `replication`, even if the connection string gives another one. The first matching line is used. Write a colon or a backslash in a field as `\\:` or `\\\\`. For a Unix socket the host is `localhost`, or the socket directory if that is not the default one.',
    references: [
      'The Password File: https://www.postgresql.org/docs/current/libpq-pgpass.html',
      'src/interfaces/libpq/fe-connect.c: passwordFromFile()',
    ],
  },
  judge({ connectionPlan: plan, replicationLogin, ...seen }) {
    const side = connectingSide(seen);
    const settled = settledWithoutPassfile(replicationLogin, plan);
    if (settled !== undefined) return settled;
    const { path, state, pathSource } = plan.password.passfile;
    if (state.kind !== 'no-match') return notApplicable(`the lines of ${path} are not the reason why the login fails`);
    const taken = state.nearest.find(({ matches }) => matches);
    return fail({
      message: `The server asks ${plan.user} for a password, but no line of ${path} matches this connection: libpq looks for database replication and user ${plan.user}.`,
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
              'Write the password into the line that libpq uses.',
              changePassfileLine(side, plan.password.passfile, taken.line, seen.now),
            ),
    });
  },
});
