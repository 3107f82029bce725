import { newestMinor, parseVersion } from '../../postgres/versions.ts';
import { disruptive, manual } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const minorReleaseOld = defineRule({
  id: 'primary/minor-release-old',
  title: 'The primary does not run the latest minor release',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primary'],
  docs: {
    what: 'Notes if the primary runs an older minor release than the latest one that standbylint knows.',
    why: 'Minor releases fix bugs, some of them in replication and recovery. A minor upgrade needs no dump: replace the programs and restart the server. Upgrade standbys before their primary.',
    notes: 'There may be newer releases than this version of standbylint knows.',
    references: ['Versioning Policy: https://www.postgresql.org/support/versioning/'],
  },
  judge({ primary }) {
    const running = parseVersion(primary.version);
    const newest = newestMinor(primary.major);
    if (running === undefined || newest === undefined)
      return unexamined({
        kind: 'version',
        because: `this version of standbylint does not know the minor releases of PostgreSQL ${primary.version}`,
      });
    const name = `${primary.major}.${newest.minor}`;
    if (running.prerelease === null && running.minor >= newest.minor)
      return pass(`${primary.version} is the latest known minor release (as of ${newest.asOf})`);
    return fail({
      title: `The primary runs ${primary.version}, but ${name} is available`,
      message: `${name} was the latest minor release on ${newest.asOf}. The releases since ${primary.version} fix bugs, some of them in replication.`,
      where: at('primary', primary.name),
      evidence: [evidence('server_version', primary.version, 'the server')],
      remedy: disruptive(
        'Install the latest minor release, on the standbys first, and restart the server.',
        manual(
          'primary',
          `Install PostgreSQL ${name} or newer from the same package source as this server, and restart it.`,
        ),
      ),
    });
  },
});
