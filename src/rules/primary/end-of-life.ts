import { endOfLife as endOfLifeDay, endOfLifeSource } from '../../postgres/versions.ts';
import { at, manual, disruptive } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

const dayMs = 24 * 60 * 60 * 1000;
const soonDays = 180;

export const endOfLife = defineRule({
  id: 'primary/end-of-life',
  title: 'This major release of PostgreSQL gets no more fixes',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now', 'primary'],
  wants: ['dataDirectory'],
  docs: {
    what: 'Warns when the primary’s major release has had its last bug-fix release, and notes when that is less than half a year away.',
    why: 'Faults that are found from then on, also those that lose data or let intruders in, stay in it. A physical standby has the same major release as its primary.',
    notes: 'Of a standby that exists it is a note: nothing about its replication is broken by it.',
    references: [endOfLifeSource],
  },
  judge({ now, primary, dataDirectory }) {
    const day = endOfLifeDay(primary.major);
    if (day === undefined)
      return unexamined({
        kind: 'version',
        because: `the end of life of PostgreSQL ${primary.major} is not known to this version of standbylint`,
      });
    // fixes still come on the day itself
    const days = (Date.parse(`${day}T00:00:00Z`) + dayMs - now.getTime()) / dayMs;
    if (days >= soonDays) return pass(`PostgreSQL ${primary.major} gets fixes until ${day}`);
    const over = days <= 0;
    const exists = dataDirectory.status === 'seen';
    return fail({
      severity: over && !exists ? 'warning' : 'info',
      title: over
        ? `PostgreSQL ${primary.major} gets no more fixes since ${day}`
        : `PostgreSQL ${primary.major} gets fixes only until ${day}`,
      message: `The primary runs ${primary.version}. ${over ? 'Its major release had its last bug-fix release' : 'Its major release gets its last bug-fix release'} on ${day}; ${exists ? 'its standbys share' : 'a new standby inherits'} that.`,
      where: at('primary', primary.name),
      evidence: [
        evidence('server_version', primary.version, 'the server'),
        evidence('last release', day, endOfLifeSource),
      ],
      remedy: disruptive(
        'Plan the upgrade to a newer major release.',
        manual('primary', 'Upgrade with pg_upgrade or through logical replication, then make the standbys anew.'),
      ),
    });
  },
});
