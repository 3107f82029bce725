import { fail, defineRule, evidence, notApplicable, pass } from '../rule.ts';
import { safe } from '../../remedies/remedy.ts';
import { notStreaming } from '../consequences.ts';
import { correcting } from '../../remedies/correcting.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';

export const conninfoMalformed = defineRule({
  id: 'conninfo/malformed',
  title: 'primary_conninfo is not a valid connection string',
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
    what: 'Parses primary_conninfo like libpq, and fails where libpq fails: an unterminated quote, a word without `=`, an invalid URI. It also reports values that start with a typographic or double quotation mark, which libpq treats as part of the value.',
    why: 'The WAL receiver exits before it connects, and starts again every few seconds.',
    notes:
      'In postgresql.conf, the whole string is in single quotes, and single quotes in it are doubled. A value that contains a space needs its own single quotes. A password is never shown.',
    references: [
      'Connection Strings: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING',
      'src/interfaces/libpq/fe-connect.c: conninfo_parse()',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo } = facts;
    if (conninfo.text === undefined) return notApplicable('primary_conninfo is not set');
    const { problem, foreignQuotes } = conninfo;
    if (problem?.kind === 'unknown-keyword')
      return notApplicable('a keyword in it is unknown, see conninfo/unknown-keyword');
    const [quoted] = foreignQuotes;
    if (problem === undefined && quoted === undefined)
      return pass(`primary_conninfo (${placeOf(conninfo)}) is a valid connection string`);
    const what =
      problem === undefined
        ? `the value of ${quoted?.keyword ?? ''} starts with ${quoted?.quote ?? ''}, which libpq treats as part of the value: only the straight single quote (') encloses a value`
        : problem.message.replace(/\.$/u, '');
    return fail({
      ...(problem === undefined ? { title: 'primary_conninfo contains typographic or double quotation marks' } : {}),
      message: `${placeOf(conninfo)}: primary_conninfo cannot be used: ${what}.`,
      where: whereItStands(conninfo),
      evidence: [evidence('primary_conninfo', conninfo.text, placeOf(conninfo))],
      remedy: safe('Correct it in place.', ...correcting(facts, conninfo, undefined)),
    });
  },
});
