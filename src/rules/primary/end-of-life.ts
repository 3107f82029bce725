import { endOfLife as endOfLifeDay, endOfLifeSource } from '../../postgres/versions.ts';
import { manual, disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

const dayMs = 24 * 60 * 60 * 1000;
const soonDays = 180;

export const endOfLife = defineRule({
  id: 'primary/end-of-life',
  title: 'This major release of PostgreSQL is no longer supported',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now', 'primary'],
  wants: ['dataDirectory'],
  docs: {
    what: "Warns if the primary's major release has had its last minor release. If that is less than half a year away, it is a note.",
    why: 'Bugs found later are not fixed, not even those that lose data or are security problems. A physical standby has the same major release as its primary.',
    notes: 'For an existing standby it is only a note: replication is not affected.',
    references: [`Versioning Policy: ${endOfLifeSource}`],
  },
  judge({ now, primary, dataDirectory }) {
    const day = endOfLifeDay(primary.major);
    if (day === undefined)
      return unexamined({
        kind: 'version',
        because: `this version of standbylint does not know the end of life of PostgreSQL ${primary.major}`,
      });
    // fixes still come on the day itself
    const days = (Date.parse(`${day}T00:00:00Z`) + dayMs - now.getTime()) / dayMs;
    if (days >= soonDays) return pass(`PostgreSQL ${primary.major} is supported until ${day}`);
    const over = days <= 0;
    const exists = dataDirectory.status === 'seen';
    return fail({
      severity: over && !exists ? 'warning' : 'info',
      title: over
        ? `PostgreSQL ${primary.major} has not been supported since ${day}`
        : `PostgreSQL ${primary.major} is supported only until ${day}`,
      message: `The primary runs ${primary.version}. ${over ? 'Its major release had its last minor release' : 'Its major release gets its last minor release'} on ${day}. ${exists ? 'Its standbys have' : 'A new standby has'} the same major release.`,
      where: at('primary', primary.name),
      evidence: [
        evidence('server_version', primary.version, 'the server'),
        evidence('last release', day, endOfLifeSource),
      ],
      remedy: disruptive(
        'Plan the upgrade to a newer major release.',
        manual('primary', 'Upgrade with pg_upgrade or through logical replication, then recreate the standbys.'),
      ),
    });
  },
});
