import { fail, defineRule, evidence, notApplicable, pass } from '../rule.ts';
import { safe } from '../../remedies/remedy.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { correcting } from './correcting.ts';
import { placeOf, whereItStands } from './source.ts';

export const conninfoMalformed = defineRule({
  id: 'conninfo/malformed',
  title: 'primary_conninfo is no connection string',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'dataDirectory', 'now'],
  wants: ['standbyControl', 'runningStandby'],
  explains: [
    ...notStreaming,
    'conninfo/overridden',
    // the mark is a part of the host, of the role, of the password
    'network/name-not-resolved',
    'tls/not-offered',
    'hba/no-replication-entry',
    'role/missing',
    'role/wrong-password',
    'slot/missing',
  ],
  says: [
    'invalid connection string syntax: %s',
    'missing "=" after "%s" in connection info string',
    'unterminated quoted string in connection info string',
  ],
  docs: {
    what: 'Reads primary_conninfo as libpq does, and fails where libpq gives up: a quotation that does not end, a word without `=`, a URI that is none. Values that begin with a typographic or double quotation mark, which libpq takes for a part of the value, are told too.',
    why: 'The WAL receiver ends before it connects, and starts again every few seconds.',
    notes:
      'Within postgresql.conf the whole string stands in single quotes, and a single quote in it is doubled. A value in it that holds a space stands in single quotes of its own. A password is never shown.',
    references: [
      'PostgreSQL manual, section 32.1.1, Connection Strings',
      'interfaces/libpq/fe-connect.c, conninfo_parse()',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo } = facts;
    if (conninfo.text === undefined) return notApplicable('primary_conninfo is not set');
    const { problem, foreignQuotes } = conninfo;
    if (problem?.kind === 'unknown-keyword')
      return notApplicable('a keyword in it is unknown, which is a fault of its own');
    const [quoted] = foreignQuotes;
    if (problem === undefined && quoted === undefined)
      return pass(`primary_conninfo (${placeOf(conninfo)}) reads as libpq reads it`);
    const what =
      problem === undefined
        ? `the value of ${quoted?.keyword ?? ''} begins with ${quoted?.quote ?? ''}, which libpq takes for a part of the value: only the plain single quote (') encloses one`
        : problem.message.replace(/\.$/u, '');
    return fail({
      ...(problem === undefined ? { title: 'primary_conninfo has quotation marks that are none' } : {}),
      message: `${placeOf(conninfo)}: primary_conninfo cannot serve: ${what}.`,
      where: whereItStands(conninfo),
      evidence: [evidence('primary_conninfo', conninfo.text, placeOf(conninfo))],
      remedy: safe(
        'Write it as libpq reads it, in the place where it stands.',
        ...correcting(facts, conninfo, undefined),
      ),
    });
  },
});
