import type { ConnectionAttempt } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Settings } from '../../facts/primary.ts';
import { integerOf, textOf } from '../../facts/settings.ts';
import type { Step } from '../../findings/report.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { connectWith, standbyOf } from '../../remedies/connecting.ts';
import { placeOf as whereItIs } from '../../derived/conninfo-source.ts';
import { at, defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import {
  leadingToPrimary,
  leadsToPrimary,
  primaryPlaceFacts,
  whereAdminFoundPrimary,
} from '../../remedies/lead-to-primary.ts';
import { containerFacts, throughContainers } from '../../remedies/through-containers.ts';
import { isSocket, judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

export const connectionRefused = defineRule({
  id: 'network/connection-refused',
  title: 'No server listens at the address of the primary',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: [...primaryPlaceFacts, ...containerFacts],
  explains: [...notStreaming],
  messages: ['libpq-errno-refused', 'win-refused', 'libpq-is-running-tcp', 'libpq-is-running-local'],
  docs: {
    what: 'Connects to each address of the host in turn, or to the Unix socket, and fails if the last one refuses the connection or the socket does not exist.',
    why: 'The server is stopped, listens on another port, address or socket directory, or a firewall rejects the connection.',
    notes:
      'With --admin, the port and the socket directories that the server uses are compared. network/listen-addresses covers a server that listens only on localhost.',
    references: [
      'Connections and Authentication: https://www.postgresql.org/docs/current/runtime-config-connection.html',
    ],
  },
  judge(facts) {
    const { replicationLogin, primarySettings } = facts;
    return judgeStage(replicationLogin, 'connection', (attempt, outcome) => {
      if (outcome.kind !== 'refused' && outcome.kind !== 'no-socket') return undefined;
      const near = throughContainers(facts, attempt);
      if (near !== undefined) return fail({ ...near, evidence: [...triesOf(replicationLogin), ...near.evidence] });
      const settings = ifSeen(primarySettings);
      // which of several hosts is the one that --admin looked into nobody can say
      const several = new Set(replicationLogin.attempts.map(({ host, port }) => `${host} ${port}`)).size > 1;
      const seen = settings === undefined ? [] : listening(settings, attempt);
      const there = leadingToPrimary(facts, attempt);
      const runs = there === undefined && !isSocket(attempt) && leadsToPrimary(facts, attempt);
      return fail({
        title: runs
          ? `The connection to ${placeOf(attempt)} is rejected on the way`
          : `No server listens at ${placeOf(attempt)}`,
        message: runs
          ? `${placeOf(attempt)} refuses the connection, although the primary runs and listens there (--admin): a firewall rejects it.`
          : isSocket(attempt)
            ? `No server answers on ${placeOf(attempt)}: ${outcome.message}.`
            : `${placeOf(attempt)} refuses the connection: no server listens at this address, or a firewall rejects the connection.`,
        where: at('primary', attempt.host),
        evidence: [...triesOf(replicationLogin), ...seen, ...(there?.seen ?? [])],
        remedy:
          there?.remedy ??
          safe(
            runs
              ? 'Allow the connection in the firewall.'
              : 'Start the server, or connect to the address and port where it listens.',
            ...nextSteps(facts, attempt, several ? undefined : settings),
          ),
      });
    });
  },
});

const listening = (settings: Settings, attempt: ConnectionAttempt) =>
  (isSocket(attempt) ? ['unix_socket_directories', 'port'] : ['listen_addresses', 'port']).flatMap((name) => {
    const value = textOf(settings, name);
    return value === undefined ? [] : [evidence(name, value, 'pg_settings')];
  });

/** What a person does where leadingToPrimary knows of no other place. */
function nextSteps(
  facts: JudgedFacts<'now', (typeof primaryPlaceFacts)[number]>,
  attempt: ConnectionAttempt,
  settings: Settings | undefined,
): readonly Step[] {
  const { host, port } = attempt;
  const primary = ifSeen(facts.primary);
  const standby = standbyOf(facts);
  const own = settings && integerOf(settings, 'port');
  if (standby !== undefined) {
    const runs = primary !== undefined && own === port && primary.address === attempt.address && !isSocket(attempt);
    if (runs || (!isSocket(attempt) && leadsToPrimary(facts, attempt))) return [openFirewall(attempt)];
    const moved = whereAdminFoundPrimary(facts, attempt);
    const condition =
      moved === undefined
        ? 'If no other server was promoted in its place'
        : `--admin has reached the primary of this cluster at ${moved}. If the server at ${placeOf(attempt)} is a standby of it`;
    return [
      manual(
        'primary',
        `${condition}, start the server at ${placeOf(attempt)}. If it does not start, the end of its log says why (a full file system, a missing file): standbylint explain reads the log there. If another server is the primary by now, do not start this one (there would be two primaries): set the address of the new primary in primary_conninfo (${whereItIs(standby.conninfo)}), and reload the standby: SELECT pg_reload_conf();${isLoopback(attempt.address) ? ` If ${placeOf(attempt)} is the local end of a tunnel, start the tunnel again.` : ''}`,
      ),
    ];
  }
  const directories = settings && textOf(settings, 'unix_socket_directories');
  if (isSocket(attempt) && directories !== undefined && own !== undefined) {
    const [directory] = directories.split(/,\s*/u);
    if (directory !== undefined && directory.startsWith('/') && primary?.ownAddress === true)
      return connectWith(facts, {}, { without: ['host', 'port'], with: ['-h', directory, '-p', String(own)] });
    return [
      manual(
        'client',
        `Connect with -p ${own} and one of the server's socket directories as -h: ${directories === '' ? 'it has none, so use its host name or address' : directories}.`,
      ),
    ];
  }
  if (isSocket(attempt)) {
    return [
      manual(
        'client',
        'Start the server on this machine, or give -h one of the directories in its unix_socket_directories (SHOW unix_socket_directories;) and -p its port (SHOW port;).',
      ),
    ];
  }
  if (own !== undefined && own !== port)
    return connectWith(facts, {}, { without: ['port'], with: ['-p', String(own)] });
  if (settings !== undefined) return [openFirewall(attempt)];
  return [
    manual('primary', `Start the server on ${host}. If it is running, find its port (SHOW port;) and give it with -p.`),
  ];
}

/** Where a tunnel (ssh -L) or a proxy of this machine listens for a primary elsewhere. */
const isLoopback = (address: string | undefined): boolean => /^127\.|^::1$/u.test(address ?? '');

const openFirewall = ({ host, port, localAddress }: ConnectionAttempt): Step =>
  manual(
    'primary',
    `The server is running: allow TCP port ${port} from ${localAddress ?? 'this machine'} in the firewall of ${host}.`,
  );
