import { ifSeen } from '../../facts/observed.ts';
import { safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { correcting } from '../../remedies/correct-conninfo.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';

export const unknownKeyword = defineRule({
  id: 'conninfo/unknown-keyword',
  title: 'primary_conninfo contains an unknown parameter',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'dataDirectory', 'now'],
  wants: ['standbyControl', 'runningStandby'],
  explains: [...notStreaming, 'conninfo/overridden'],
  messages: ['libpq-invalid-option'],
  docs: {
    what: 'Fails when primary_conninfo contains a parameter that the libpq of this release does not support, and suggests the one that was probably meant.',
    why: 'libpq rejects the whole string, and the WAL receiver exits before it connects.',
    notes:
      'pg_basebackup -R writes every parameter of its own libpq, and a newer release can write one that an older server does not support. Packages of one distribution share one libpq, which can be newer than the server: while the WAL receiver works, a parameter of a newer libpq is not reported.',
    references: [
      'src/interfaces/libpq/fe-connect.c: conninfo_storeval()',
      'Parameter Key Words: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, dataDirectory, runningStandby } = facts;
    if (conninfo.text === undefined) return notApplicable('primary_conninfo is not set');
    const { problem } = conninfo;
    if (problem?.kind !== 'unknown-keyword')
      return problem === undefined
        ? pass(`every parameter of primary_conninfo (${placeOf(conninfo)}) is known`)
        : notApplicable('primary_conninfo does not parse, see conninfo/malformed');
    if (problem.knownSince !== undefined && ifSeen(runningStandby)?.receiver !== undefined)
      return pass(
        `${problem.name ?? 'the parameter'} was added in libpq ${problem.knownSince}, and the WAL receiver works with it`,
      );
    const newer =
      problem.knownSince === undefined
        ? ''
        : ` PostgreSQL ${dataDirectory.major ?? ''} supports it only if its packages include a newer libpq.`;
    const others = problem.others ?? [];
    const further = others.map(({ name, suggestion }) =>
      suggestion === undefined ? `"${name}"` : `"${name}" (probably ${suggestion})`,
    );
    return fail({
      message: `${placeOf(conninfo)}: ${problem.message.replace(/\.$/u, '')}.${newer}${further.length === 0 ? '' : ` Unknown, too: ${further.join(', ')}.`} libpq rejects the whole primary_conninfo.`,
      where: whereItStands(conninfo),
      evidence: [evidence('primary_conninfo', conninfo.text, placeOf(conninfo))],
      remedy: safe(
        others.length > 0
          ? "Write libpq's names."
          : problem.suggestion === undefined
            ? 'Remove the parameter.'
            : `Write ${problem.suggestion} instead.`,
        ...correcting(
          facts,
          conninfo,
          problem.name === undefined
            ? []
            : uniqueNames([{ name: problem.name, suggestion: problem.suggestion }, ...others]),
        ),
      ),
    });
  },
});

const uniqueNames = (parameters: readonly { readonly name: string; readonly suggestion: string | undefined }[]) =>
  [...new Map(parameters.map((one) => [one.name, one])).values()].map(({ name, suggestion }) => ({
    name,
    instead: suggestion,
  }));
