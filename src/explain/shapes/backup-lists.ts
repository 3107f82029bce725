import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

interface Stanza {
  readonly name: string;
  /** `ok`, or what is wrong. */
  readonly status: string;
  /** What pgBackRest adds per repository or stanza. */
  readonly details: readonly string[];
  readonly firstSegment: string;
  readonly lastSegment: string;
  readonly backups: readonly Backup[];
}

interface Backup {
  readonly label: string;
  readonly start: string;
  readonly stop: string;
}

/** pgbackrest info, as text and as JSON (pgBackRest, src/command/info/info.c, infoRender). */
export function pgBackRestInfo(text: string): Explanation | undefined {
  if (/^[^\S\n]*No stanzas exist in the repository\.\s*$/mu.test(text))
    return told([
      finding(
        'This repository is empty: no stanza was created in it, or pgBackRest looks into another one than the server archives to (repo1-path, repo1-host, --config of this user).',
      ),
    ]);
  const stanzas = [...asText(text), ...asJson(text)];
  return stanzas.length === 0 ? undefined : told(stanzas.flatMap(ofStanza));
}

const told = (candidates: readonly Finding[]): Explanation =>
  shape({
    text: 'pgbackrest info',
    means: 'This is what the repository of pgBackRest holds: its backups, and the WAL from the oldest to the newest.',
    candidates,
    where: 'to check that archiving works, on the primary',
    command: 'sudo -u postgres pgbackrest --stanza=<stanza> check',
  });

function ofStanza({ name, status, details, firstSegment, lastSegment, backups }: Stanza): readonly Finding[] {
  const state = /\(([^()]*)/u.exec(status)?.[1]?.split(', ')[0] ?? status;
  const said = meaningOf.find(([message]) => state.startsWith(message))?.[1](name);
  const first = backups[0];
  return [
    ...(said === undefined ? [] : [finding(`${said}${details.length === 0 ? '' : ` (${details.join(' ')})`}`)]),
    ...(/backup\/expire running/u.test(status) ? [finding(`A backup or an expire of ${name} is running now.`)] : []),
    ...(firstSegment === 'none present' && !/^other\b/u.test(state)
      ? [
          finding(
            `No WAL of ${name} is in the repository: archive_command does not bring any (pgbackrest check says why).`,
            'primary/archive-failing',
          ),
        ]
      : []),
    ...(isSegment(firstSegment) && isSegment(lastSegment) && state === 'no valid backups'
      ? [finding(`WAL arrives (up to ${lastSegment}), so archiving works; only the backup is missing.`)]
      : []),
    ...(first !== undefined && isLater(firstSegment, first.start)
      ? [
          finding(
            `Backup ${first.label} needs WAL from ${first.start} on, and the archive begins at ${firstSegment}: that backup cannot be restored.`,
          ),
        ]
      : []),
  ];
}

const isSegment = (name: string): boolean => /^[\dA-F]{24}$/u.test(name);

/** Of the same timeline: with another one, nothing can be said. */
const isLater = (one: string, other: string): boolean =>
  isSegment(one) && isSegment(other) && one.slice(0, 8) === other.slice(0, 8) && one > other;

const meaningOf: readonly (readonly [message: string, meaning: (stanza: string) => string])[] = [
  [
    'missing stanza path',
    (stanza) =>
      `There is no stanza ${stanza} in this repository: stanza-create was not run, the name is spelled differently, or pgBackRest looks into another repository (repo1-path, repo1-host, another configuration file).`,
  ],
  [
    'missing stanza data',
    (stanza) => `The directory of ${stanza} is there without backup.info: stanza-create was not run to its end.`,
  ],
  [
    'no valid backups',
    (stanza) =>
      `Stanza ${stanza} has no backup yet: after stanza-create that is normal. Run pgbackrest --stanza=${stanza} backup on the repository host (or where the repository is).`,
  ],
  [
    'different across repos',
    (stanza) =>
      `The repositories of ${stanza} differ: one of them is not well, or has no backup yet. The lines per repository say which.`,
  ],
  ['mixed', (stanza) => `The repositories of ${stanza} differ. The lines per repository say which is not well.`],
  [
    'database mismatch across repos',
    (stanza) =>
      `The repositories of ${stanza} hold different clusters (after initdb or pg_upgrade, stanza-upgrade was run for one of them only).`,
  ],
  [
    'requested backup not found',
    (stanza) => `The backup that was asked for (--set) is not in a repository of ${stanza}.`,
  ],
  [
    'other',
    (stanza) => `pgBackRest could not read the repository of ${stanza}: the line below the status has its error.`,
  ],
];

function asText(text: string): readonly Stanza[] {
  return [...text.matchAll(/^[ \t]*stanza: (\S+)[ \t]*\n((?:(?!^[ \t]*stanza: ).*\n?)*)/gmu)].flatMap(
    ([, name = '', rest = '']) => {
      const status = /^[ \t]+status: (.*)$/mu.exec(rest)?.[1]?.trim();
      if (status === undefined) return [];
      const [, first = '', last = ''] =
        /wal archive min\/max[^:\n]*: *(none present|[\dA-F]{24})(?: *\/ *([\dA-F]{24}))?/u.exec(rest) ?? [];
      return [
        {
          name,
          status,
          details: [...rest.matchAll(/^[ \t]+(repo\d+: error \(.*\)|\[\w+Error\].*)$/gmu)].map(([, one = '']) => one),
          firstSegment: first,
          lastSegment: last,
          backups: [
            ...rest.matchAll(
              /^[ \t]+(?:full|diff|incr) backup: (\S+)[\s\S]*?wal start\/stop: ([\dA-F]{24}) \/ ([\dA-F]{24})/gmu,
            ),
          ].map(([, label = '', start = '', stop = '']) => ({ label, start, stop })),
        },
      ];
    },
  );
}

/** Only what its first stanza says: a long one is told by its text. */
function asJson(text: string): readonly Stanza[] {
  if (!/"system-id"\s*:/u.test(text) || !/"backup"\s*:/u.test(text)) return [];
  const status =
    /"status"\s*:\s*\{\s*"code"\s*:\s*\d+\s*,(?:[^{}]|\{[^{}]*(?:\{[^{}]*\})?[^{}]*\})*?"message"\s*:\s*"([^"]*)"/u.exec(
      text,
    );
  if (status === null) return [];
  const of = (key: string): string => new RegExp(`"${key}"\\s*:\\s*"([^"]+)"`, 'u').exec(text)?.[1] ?? '';
  return [
    {
      name: of('name'),
      status: status[1] === 'ok' ? 'ok' : `error (${status[1] ?? ''})`,
      details: [],
      firstSegment: of('min'),
      lastSegment: of('max'),
      backups: [],
    },
  ];
}
