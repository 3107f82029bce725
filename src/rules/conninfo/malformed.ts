import { ifSeen } from '../../facts/observed.ts';
import type { RefusedParameter } from '../../facts/standby-configuration.ts';
import { at } from '../../findings/judgement.ts';
import type { Fault } from '../../findings/judgement.ts';
import { acceptedParameter, acceptedParameterFacts } from '../../remedies/accepted-parameter.ts';
import { fail, defineRule, evidence, notApplicable, pass } from '../rule.ts';
import { safe } from '../../remedies/remedy.ts';
import { notStreaming } from '../consequences.ts';
import { correcting } from '../../remedies/correct-conninfo.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';

export const conninfoMalformed = defineRule({
  id: 'conninfo/malformed',
  title: 'primary_conninfo is not a valid connection string',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'dataDirectory', 'now'],
  wants: acceptedParameterFacts,
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
  messages: [
    'walreceiver-invalid-conninfo',
    'libpq-missing-equals',
    'libpq-unterminated-quote',
    'libpq-target-attrs-17',
    'libpq-target-attrs-sslmode-13',
    'libpq-invalid-port',
    'libpq-invalid-integer',
    'libpq-service-not-found',
    'libpq-host-port-count',
    'libpq-hostaddr-count',
    'libpq-direct-weak',
  ],
  docs: {
    what: 'Parses primary_conninfo like libpq, and fails where libpq fails: an unterminated quote, a word without `=`, an invalid URI. It also reports values that start with a typographic or double quotation mark, which libpq treats as part of the value, and values that libpq does not accept (`sslmode=verify_full`, `keepalives_idle=30s`, `port=54320x`), whether they come from primary_conninfo, a service file or the environment of the server.',
    why: 'The WAL receiver exits before it connects, and starts again every few seconds.',
    notes:
      'In postgresql.conf, the whole string is in single quotes, and single quotes in it are doubled. A value that contains a space needs its own single quotes. A password is never shown. The WAL receiver does not read connect_timeout, so a bad value of it is not reported.',
    references: [
      'Connection Strings: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING',
      'src/interfaces/libpq/fe-connect.c: conninfo_parse()',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, runningStandby } = facts;
    if (conninfo.text === undefined) return notApplicable('primary_conninfo is not set');
    const { problem, foreignQuotes, refused } = conninfo;
    if (problem?.kind === 'unknown-keyword')
      return notApplicable('a keyword in it is unknown, see conninfo/unknown-keyword');
    const [quoted] = foreignQuotes;
    if (problem === undefined && refused !== undefined) {
      if (refused.newerAccepts && ifSeen(runningStandby)?.receiver !== undefined)
        return pass(`a newer libpq accepts ${refused.keyword}, and the WAL receiver works with it`);
      return fail(refusedValue(facts, refused));
    }
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
      remedy: safe('Correct it in place.', ...correcting(facts, conninfo, [])),
    });
  },
});

function refusedValue(facts: Parameters<typeof acceptedParameter>[0], refused: RefusedParameter): Fault {
  const { standbyConninfo: conninfo } = facts;
  const { keyword, value, message, service, variable, beside } = refused;
  const place =
    service !== undefined
      ? `${service.file}, line ${service.line}`
      : variable === undefined
        ? placeOf(conninfo)
        : `${variable} in the environment of the server`;
  const shown = value !== undefined && value.length <= 24 ? `${keyword}=${value}` : keyword;
  return {
    title:
      keyword === 'service'
        ? `No such service for libpq: ${shown}`
        : `libpq does not accept ${shown}${beside === undefined ? '' : ` with ${beside}`}`,
    message: `${place}: ${message} The WAL receiver exits before it connects.`,
    where: service === undefined ? whereItStands(conninfo) : at('standby', undefined, service.file, service.line),
    evidence: [
      ...(value === undefined ? [] : [evidence(keyword, value, place)]),
      evidence('primary_conninfo', conninfo.text ?? '', placeOf(conninfo)),
    ],
    remedy: acceptedParameter(facts, refused),
  };
}
