import { maskLines } from '../../postgres/secrets-in-text.ts';
import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** repmgr node status and repmgr node check (repmgr-action-node.c, do_node_status, do_node_check). */
export function repmgrNodeStatus(text: string): Explanation | undefined {
  const name = /^[^\S\n]*Node "([^"\n]+)":\s*$/mu.exec(text)?.[1];
  if (name === undefined || !ofRepmgr.test(text)) return undefined;
  const value = (key: string): string => new RegExp(`^\\s*${key}: (.*)$`, 'mu').exec(text)?.[1]?.trim() ?? '';
  const isCheck = /^[^\S\n]*Server role: /mu.test(text);
  const role = value('Role');
  return shape({
    text: isCheck ? 'repmgr node check' : 'repmgr node status',
    means: isCheck
      ? `These are the checks that repmgr made on node "${name}".`
      : `This is what repmgr knows of node "${name}"${role === '' ? '' : `, which is registered as ${role}`}.`,
    candidates: isCheck ? checked(text, name) : [...ofStatus(name, value), ...issuesIn(text, name)],
    where: `on ${name}`,
    command: isCheck || role === 'standby' ? postmortem : 'repmgr -f /etc/repmgr.conf node check',
  });
}

/** Its lines, those of a check and those of a status. */
const ofRepmgr =
  /^[^\S\n]*(?:Server role: (?:OK|WARNING|CRITICAL|UNKNOWN)\b|Replication connections: |WALs pending archiving: |Upstream node: \S+ \(ID: )/mu;

/** The values that show a fault by themselves. */
function ofStatus(name: string, value: (key: string) => string): readonly Finding[] {
  const pending = Number(/^\d+/u.exec(value('WALs pending archiving'))?.[0] ?? 0);
  const isArchiving = value('WAL archiving') === 'enabled';
  const lag = Number(/^-?\d+/u.exec(value('Replication lag'))?.[0] ?? 0);
  const [, used = '', most = ''] = /^(\d+) \(of maximal (\d+)\)/u.exec(value('Replication connections')) ?? [];
  return [
    ...(isArchiving && pending > backlog
      ? [
          finding(
            `${pending} WAL segments of ${name} wait to be archived: archive_command fails or is too slow, and pg_wal grows.`,
            'primary/archive-failing',
          ),
        ]
      : []),
    ...(value('Replication connections') === 'disabled' || most === '0'
      ? [
          finding(
            `Replication connections are off on ${name}: max_wal_senders is 0 (a change needs a restart).`,
            'primary/no-wal-senders',
          ),
        ]
      : []),
    ...(most !== '' && most !== '0' && Number(used) >= Number(most)
      ? [finding(`All ${most} WAL senders of ${name} are in use: another standby or base backup is refused.`)]
      : []),
    ...(value('Replication slots') === 'disabled'
      ? [finding(`max_replication_slots is 0 on ${name}: no slot can be created (a change needs a restart).`)]
      : []),
    ...(lag > longLag
      ? [finding(`${name} replays with a lag of ${lag} seconds, unless nothing was written on the primary since.`)]
      : []),
  ];
}

/** A few may wait while one is copied. */
const backlog = 10;
const longLag = 60;

/** The list below "following issue(s) were detected". */
function issuesIn(text: string, name: string): readonly Finding[] {
  return issues.flatMap(([pattern, said, rule]) => {
    const found = pattern.exec(text);
    if (found === null) return [];
    const listed = [...(found[2] ?? '').matchAll(/^[^\S\n]+- (\S.*)$/gmu)].map(([, one = '']) => one.trim());
    return [finding(said(name, found[1] ?? '', listed.join('; ')), rule)];
  });
}

type Issue = readonly [
  pattern: RegExp,
  said: (name: string, count: string, listed: string) => string,
  rule: string | null,
];

const below = String.raw`((?:\n+ {2,}- .*)*)`;

const issues: readonly Issue[] = [
  [
    /- node is registered as standby but running as primary/u,
    (name) =>
      `${name} is registered as a standby and runs as a primary: it was promoted outside of repmgr, or was started without standby.signal. If another primary runs, there are two.`,
    'standby/already-primary',
  ],
  [
    /- node is registered as primary but running as standby/u,
    (name) => `${name} is registered as the primary and runs as a standby: run repmgr … register --force there.`,
    null,
  ],
  [
    new RegExp(String.raw`- (\d+) of \d+ downstream nodes not attached:${below}`, 'u'),
    (name, count, listed) =>
      `${count} standby(s) of ${name} are not connected${listed === '' ? '' : ` (${listed})`}: the PostgreSQL log of each says why. One that streams under another application_name than its node_name counts as missing, too.`,
    'streaming/not-connected',
  ],
  [
    new RegExp(String.raw`- replication slots missing for following (\d+) node\(s\):${below}`, 'u'),
    (name, _, listed) => {
      const slot = /slot name: "(\w+)"/u.exec(listed)?.[1] ?? '<slot name>';
      return `Slots are missing on ${name} for nodes that are registered as following it${listed === '' ? '' : ` (${listed})`}. If they do: SELECT pg_create_physical_replication_slot('${slot}', true); on ${name}, before their WAL is removed. If not, their registration is out of date.`;
    },
    'slot/missing',
  ],
  [
    new RegExp(String.raw`- node has (\d+) inactive physical replication slots${below}`, 'u'),
    (name, count, listed) =>
      `${count} slot(s) of ${name} are not in use${listed === '' ? '' : ` (${listed})`}: each keeps WAL until its standby is back. Drop one only if no standby needs it any more.`,
    null,
  ],
  [
    /- unable to check archive_status directory/u,
    () =>
      'repmgr could not look into pg_wal/archive_status: data_directory in repmgr.conf is wrong, or its role may not.',
    null,
  ],
];

/** "Server role: OK (…)", "Replication lag: CRITICAL (…)". */
const checked = (text: string, name: string): readonly Finding[] =>
  [...maskLines(text).matchAll(/^[^\S\n]*([A-Z][\w /]+): (CRITICAL|WARNING|UNKNOWN)\b *(.*)$/gmu)].map(
    ([, what = '', state = '', detail = '']) =>
      finding(`${what} of ${name}: ${state}${detail === '' ? '' : ` ${detail}`}.`, ruleOfCheck[what] ?? null),
  );

const ruleOfCheck: Readonly<Record<string, string>> = {
  'Upstream connection': 'streaming/not-connected',
  'Downstream servers': 'streaming/not-connected',
  'Missing physical replication slots': 'slot/missing',
  'Missing replication slots': 'slot/missing',
  'WAL archiving': 'primary/archive-failing',
};
