import { ifSeen, seen } from '../../facts/observed.ts';
import type { Remedy } from '../../facts/report.ts';
import { settingDefinition } from '../../postgres/settings.ts';
import type { Fault, JudgedFacts } from '../rule.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { at, destructive, manual, safe, shell } from '../../remedies/remedy.ts';
import { placeOf } from '../conninfo/source.ts';
import { intoUse } from './signal.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

const wants = [...newCopyFacts, 'controlFile', 'primary', 'installedTools'] as const;

type Facts = JudgedFacts<'dataDirectory' | 'now', (typeof wants)[number]>;

export const versionMismatch = defineRule({
  id: 'standby/version-mismatch',
  title: 'The data directory is of another major release',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants,
  explains: [
    // settings and parameters are judged by the release that PG_VERSION tells
    'standby/config-file-error',
    'conninfo/unknown-keyword',
    ...notStreaming,
    'timeline/system-identifier-differs',
  ],
  says: ['database files are incompatible with server', 'The data directory was initialized by PostgreSQL version %s'],
  docs: {
    what: 'Compares PG_VERSION with the control file, with the primary’s release, and with the server programs on this host.',
    why: 'A physical standby replays WAL of its own major release only, and a server starts on files of its own release only.',
    notes:
      'Minor releases may differ. That no server program of the release was found in the usual places is a warning: it may be in another one.',
    references: ['backend/utils/init/miscinit.c, ValidatePgVersion()', 'PostgreSQL manual, section 26.2.1, Planning'],
  },
  judge(facts) {
    const { path, major, lastStart, postmaster } = facts.dataDirectory;
    if (major === undefined) return notApplicable('PG_VERSION does not name a release');
    const where = at('standby', undefined, `${path}/PG_VERSION`);
    const own = evidence('PG_VERSION', String(major), path);
    const control = ifSeen(facts.controlFile);
    const written = control?.ok === true ? control.value.major : null;
    if (written !== null && written !== major)
      return fail({
        title: 'PG_VERSION and the control file are of different releases',
        message: `${path}/PG_VERSION says ${major}, and global/pg_control was written by PostgreSQL ${written}: one of the two was put there by hand, or an upgrade did not finish.`,
        where,
        evidence: [own, evidence('catalog version', String(written), 'global/pg_control')],
        remedy: safe(
          'Put the release back that the files have.',
          shell('standby', `echo ${written} > ${shellWord(`${path}/PG_VERSION`)}`),
          ...(postmaster?.process === 'running' ? [] : [intoUse(facts.standbyControl, facts.dataDirectory)]),
        ),
      });
    const primary = ifSeen(facts.primary);
    if (primary !== undefined && primary.major !== major) {
      const conninfo = ifSeen(facts.standbyConninfo);
      const lead = conninfo?.text === undefined ? 'its primary is' : `primary_conninfo (${placeOf(conninfo)}) leads to`;
      return fail({
        title: `The data directory is of PostgreSQL ${major}, and its primary runs ${primary.major}`,
        message: `${path} is of PostgreSQL ${major}, and ${lead} ${primary.address}, port ${primary.port}, which runs ${primary.version}: a physical standby has the same major release.`,
        where,
        evidence: [own, evidence('server_version', primary.version, 'the primary')],
        remedy: ofAnotherRelease(facts, primary.major),
      });
    }
    const servers = ifSeen(facts.installedTools)?.servers ?? [];
    const missing = noServer(
      path,
      major,
      servers.map((tool) => tool.major),
    );
    const started = lastStart?.here === true;
    if (servers.length > 0 && missing !== undefined && !started)
      return fail({
        ...missing,
        where,
        evidence: [own, ...servers.map((tool) => evidence('server here', tool.version, tool.path))],
      });
    return pass(
      primary === undefined
        ? `PG_VERSION and the control file say ${major}`
        : `${path} and ${primary.name} are of PostgreSQL ${major}`,
    );
  },
});

/** The server that shall run on the copy is of the primary's release: so are the programs that make it and start it. */
function ofAnotherRelease(facts: Facts, major: number): Remedy {
  const conninfo = ifSeen(facts.standbyConninfo);
  const place = conninfo === undefined ? 'primary_conninfo' : `primary_conninfo (${placeOf(conninfo)})`;
  const summary = `Make a new copy with the programs of PostgreSQL ${major}; the old directory is moved aside. If the server that was upgraded is not the one that is meant, correct ${place} instead.`;
  const control = ifSeen(facts.standbyControl);
  const { basebackups = [], servers = [] } = ifSeen(facts.installedTools) ?? {};
  const copies = basebackups.some((tool) => tool.major === major);
  const server = servers.find((tool) => tool.major === major);
  if (control?.control.kind === 'pg_ctlcluster')
    return destructive(
      summary,
      manual(
        'standby',
        `As root: pg_createcluster ${major} ${shellWord(control.control.cluster)}, with the configuration of the old one carried over. Then make the copy into its data directory with standbylint clone, and start it with pg_ctlcluster.`,
      ),
    );
  if (server === undefined || !copies)
    return destructive(
      summary,
      manual('standby', `Install the server of PostgreSQL ${major} on this host, then run this again.`),
    );
  const names = [...(ifSeen(facts.standbyConfiguration)?.files.settings.keys() ?? [])];
  const unknown = names.filter((name) => !name.includes('.') && settingDefinition(name, major) === undefined);
  const remedy = newCopy(
    {
      ...facts,
      standbyControl:
        control?.control.kind === 'pg_ctl'
          ? seen({ ...control, control: { ...control.control, binDirectory: server.binDirectory } }, 'this host')
          : facts.standbyControl,
    },
    summary,
  );
  if (unknown.length === 0) return remedy;
  const out = manual(
    'standby',
    `Take out of the configuration what PostgreSQL ${major} does not know: ${unknown.join(', ')}.`,
  );
  return { ...remedy, steps: [...remedy.steps.slice(0, -1), out, ...remedy.steps.slice(-1)] };
}

function noServer(
  path: string,
  major: number,
  majors: readonly number[],
): Omit<Fault, 'where' | 'evidence'> | undefined {
  if (majors.includes(major)) return undefined;
  return {
    title: 'No server program of this release was found here',
    severity: 'warning',
    message: `${path} is of PostgreSQL ${major}, and the servers on this host are of ${[...new Set(majors)].join(', ')}: they do not start on it.`,
    remedy: safe(
      `Install PostgreSQL ${major}.`,
      manual('standby', `Install the server of PostgreSQL ${major} on this host.`),
    ),
  };
}
