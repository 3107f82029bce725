import { ifSeen } from '../../facts/observed.ts';
import type { ServerLog } from '../../facts/server-log.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import { createdAgain } from '../../remedies/container-again.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { placeOf } from '../../derived/conninfo-source.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import type { Fault } from '../../findings/judgement.ts';

export const versionMismatch = defineRule({
  id: 'standby/version-mismatch',
  title: 'The data directory belongs to another major release',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: [...newCopyFacts, 'controlFile', 'serverLog'],
  explains: [
    // settings and parameters are judged by the release that PG_VERSION tells
    'standby/config-file-error',
    'conninfo/unknown-keyword',
    ...notStreaming,
    'timeline/system-identifier-differs',
  ],
  messages: ['version-incompatible'],
  says: ['The data directory was initialized by PostgreSQL version %s'],
  docs: {
    what: "Compares PG_VERSION with the control file, the primary's release, the server programs on this host, and the release of the server that last tried to start in a container.",
    why: 'A physical standby replays WAL only from its own major release, and a server starts only on files of its own release.',
    notes:
      'Minor releases may differ. If no server program of the release is found in the usual places, it is a warning: it may be installed elsewhere.',
    references: [
      'src/backend/utils/init/miscinit.c: ValidatePgVersion()',
      'Planning: https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-PLANNING',
    ],
  },
  judge(facts) {
    const { path, major, lastStart, postmaster } = facts.dataDirectory;
    if (major === undefined) return notApplicable('PG_VERSION does not contain a release');
    const where = at('standby', undefined, `${path}/PG_VERSION`);
    const own = evidence('PG_VERSION', String(major), path);
    const control = ifSeen(facts.controlFile);
    const written = control?.ok === true ? control.value.major : null;
    if (written !== null && written !== major)
      return fail({
        title: 'PG_VERSION and the control file disagree about the release',
        message: `${path}/PG_VERSION says ${major}, but global/pg_control was written by PostgreSQL ${written}: one of the two was copied from elsewhere, or an upgrade did not finish.`,
        where,
        evidence: [own, evidence('catalog version', String(written), 'global/pg_control')],
        remedy: safe(
          'Restore the release of the files in PG_VERSION.',
          shell('standby', `echo ${written} > ${shellWord(`${path}/PG_VERSION`)}`, 'make-file', `${path}/PG_VERSION`),
          ...(postmaster?.process === 'running' ? [] : [intoUse(facts.standbyControl, facts.dataDirectory)]),
        ),
      });
    const primary = ifSeen(facts.primary);
    if (primary !== undefined && primary.major !== major) {
      const conninfo = ifSeen(facts.standbyConninfo);
      const lead =
        conninfo?.text === undefined ? 'its primary is' : `primary_conninfo (${placeOf(conninfo)}) points to`;
      return fail({
        title: `The data directory is from PostgreSQL ${major}, but its primary runs ${primary.major}`,
        message: `${path} is from PostgreSQL ${major}, but ${lead} ${primary.address}, port ${primary.port}, which runs ${primary.version}: a physical standby must have the same major release.`,
        where,
        evidence: [own, evidence('server_version', primary.version, 'the primary')],
        remedy: newCopy(
          facts,
          `Take a new base backup with the programs of PostgreSQL ${primary.major}; the old directory is moved aside. If that is the wrong server, correct ${conninfo === undefined ? 'primary_conninfo' : `primary_conninfo (${placeOf(conninfo)})`} instead.`,
        ),
      });
    }
    const other = triedBy(ifSeen(facts.serverLog));
    const again =
      other === undefined || postmaster?.process === 'running'
        ? undefined
        : createdAgain(ifSeen(facts.standbyControl)?.control, `an image of PostgreSQL ${major} in place of ${other}`);
    if (other !== undefined && again !== undefined)
      return fail({
        title: `The container runs PostgreSQL ${other}, but the data directory is from ${major}`,
        message: `${path} is from PostgreSQL ${major}. The image of the container has a server of ${other}, which does not start on it: a new major release needs pg_upgrade on the primary and a new standby.`,
        where,
        evidence: [own, evidence('the server that tried to start', other, 'the log of the container')],
        isFailedStart: true,
        remedy: safe(`Run the image of PostgreSQL ${major}.`, ...again),
      });
    const servers = ifSeen(facts.installedTools)?.servers ?? [];
    const missing = noServer(
      path,
      major,
      servers.map((tool) => tool.major),
    );
    // wherever its program is
    const started = lastStart?.here === true || postmaster?.process === 'running';
    if (servers.length > 0 && missing !== undefined && !started)
      return fail({
        ...missing,
        where,
        evidence: [own, ...servers.map((tool) => evidence('server on this host', tool.version, tool.path))],
      });
    return pass(
      primary === undefined
        ? `PG_VERSION and the control file say ${major}`
        : `${path} and ${primary.name} are both PostgreSQL ${major}`,
    );
  },
});

/** miscinit.c, ValidatePgVersion; of a container the image decides which server starts. */
function triedBy(log: ServerLog | undefined): string | undefined {
  const detail = log === undefined ? undefined : startFailureIn(log.summary)?.record.detail;
  return /which is not compatible with this version (\d+)/u.exec(detail ?? '')?.[1];
}

function noServer(
  path: string,
  major: number,
  majors: readonly number[],
): Omit<Fault, 'where' | 'evidence'> | undefined {
  if (majors.includes(major)) return undefined;
  return {
    title: 'No server program of this release was found on this host',
    severity: 'warning',
    message: `${path} is from PostgreSQL ${major}, but the servers on this host are ${[...new Set(majors)].join(', ')}. They do not start on it.`,
    remedy: safe(
      `Install PostgreSQL ${major}.`,
      manual('standby', `Install the server of PostgreSQL ${major} on this host.`),
    ),
  };
}
