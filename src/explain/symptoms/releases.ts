import { standby } from './symptom.ts';
import type { Symptom } from './symptom.ts';

const major = String.raw`(?:9\.[0-6]|1\d|2\d)`;
const named = String.raw`(?:postgres(?:ql)?|pg|version|release|v)[- ]?`;

const otherRelease: Omit<Symptom, 'all'> = {
  means:
    'A standby must be of the same major release as its primary: it has the same files. pg_basebackup copies from an older server as well, but a server of another release does not start on the copy.',
  causes: [
    {
      cause: 'What the copy is of, and which programs are there.',
      check: 'cat <data directory>/PG_VERSION; ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null',
    },
    {
      cause: 'What the primary runs.',
      on: 'primary',
      check: 'psql -c "SHOW server_version"',
    },
  ],
  todo: "Install the primary's major release on the standby (apt.postgresql.org and yum.postgresql.org have all that are supported), and start the copy with that one. Another distribution may sort text otherwise, so that indexes are out of order on the standby. To move to the newer release: logical replication, or pg_upgrade of the primary and a new copy.",
};

/** Two servers of different major releases, as somebody tells it. */
export const symptomsOfReleases: readonly Symptom[] = [
  {
    all: [
      /\b(?:primary|master|standby|replica|slave)\b/iu,
      /\b(1\d|2\d)\.\d+\b.*\b\1\.\d+\b|\b(?:minor|patch) (?:versions?|releases?)\b/iu,
      /\?|^(?:can|is|does|may|do|will|should)\b|\b(?:different|differ\w*|mixed|compatible)\b/iu,
    ],
    means:
      'Minor releases of one major release may differ: they stream to each other. Run the standby on the newer one: update the standbys first, then the primary.',
    causes: [{ cause: 'What each of them runs.', on: 'both', check: 'psql -c "SHOW server_version"' }],
    todo: 'Read the release notes in between: a few minor releases ask for more, as a REINDEX.',
    asks: true,
  },
  {
    all: [
      new RegExp(
        String.raw`\b${named}?(${major})(?:\.\d+)?\b[^.!?]{0,20}\b(?:primary|master|leader)\b[^!?]*?\b${named}?(?!\1\b)${major}(?:\.\d+)?\b[^.!?]{0,20}\b(?:standby|replica|slave|secondary)\b|\b${named}?(${major})(?:\.\d+)?\b[^.!?]{0,20}\b(?:standby|replica|slave|secondary)\b[^!?]*?\b${named}?(?!\2\b)${major}(?:\.\d+)?\b[^.!?]{0,20}\b(?:primary|master|leader)\b`,
        'iu',
      ),
      /^(?!.*\blogical\b)/iu,
      new RegExp(named, 'iu'),
    ],
    ...otherRelease,
  },
  {
    all: [
      new RegExp(
        String.raw`\b(?:primary|master|leader|main server|prod\w*)\b[^.!?]{0,50}\b${named}(${major})\b[^!?]*?\b${standby.source.slice(2, -2)}\b[^!?]{0,80}?\b${named}(?!\1\b)${major}\b|\b${standby.source.slice(2, -2)}\b[^.!?]{0,50}\b${named}(${major})\b[^!?]*?\b(?:primary|master|leader)\b[^!?]{0,50}?\b${named}(?!\2\b)${major}\b`,
        'iu',
      ),
      /^(?!.*\blogical\b)/iu,
    ],
    ...otherRelease,
  },
];
