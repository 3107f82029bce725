import { newestMinor, parseVersion } from '../../postgres/versions.ts';
import { at, disruptive, manual } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const minorReleaseOld = defineRule({
  id: 'primary/minor-release-old',
  title: 'The primary lacks bug fixes of its major release',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primary'],
  docs: {
    what: 'Notes when the primary runs an older bug-fix release than the newest that standbylint knows of.',
    why: 'Bug-fix releases mend, among others, faults of replication and of recovery. They need no dump: the programs are replaced and the server is restarted. Upgrade standbys before their primary.',
    notes: 'There may be newer releases than this version of standbylint knows of.',
    references: ['https://www.postgresql.org/support/versioning/'],
  },
  judge({ primary }) {
    const running = parseVersion(primary.version);
    const newest = newestMinor(primary.major);
    if (running === undefined || newest === undefined)
      return unexamined({
        kind: 'version',
        because: `the bug-fix releases of PostgreSQL ${primary.version} are not known to this version of standbylint`,
      });
    const name = `${primary.major}.${newest.minor}`;
    if (running.prerelease === null && running.minor >= newest.minor)
      return pass(`${primary.version} is the newest known bug-fix release (as of ${newest.asOf})`);
    return fail({
      title: `The primary runs ${primary.version}; ${name} is there`,
      message: `${name} was known on ${newest.asOf}. The releases since ${primary.version} mend faults, some of them of replication.`,
      where: at('primary', primary.name),
      evidence: [evidence('server_version', primary.version, 'the server')],
      remedy: disruptive(
        'Install the newest bug-fix release, standbys first, and restart the server.',
        manual(
          'primary',
          `Install PostgreSQL ${name} or newer from the packages that this server came from, and restart it.`,
        ),
      ),
    });
  },
});
