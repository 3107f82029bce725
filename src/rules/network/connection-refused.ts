import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { ConnectionAttempt } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Primary, Settings } from '../../facts/primary.ts';
import { integerOf, textOf } from '../../facts/settings.ts';
import type { Step } from '../../facts/report.ts';
import { checkAgainOr } from '../../remedies/command-line.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { isSocket, judgeStage, placeOf, triesOf } from './reach.ts';

export const connectionRefused = defineRule({
  id: 'network/connection-refused',
  title: 'Nothing listens where the primary is looked for',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin'],
  wants: ['primarySettings', 'primary', 'baseBackup'],
  explains: [...notStreaming],
  says: [
    'Connection refused',
    'Is the server running on that host and accepting TCP/IP connections',
    'Is the server running locally and accepting connections on that socket',
  ],
  docs: {
    what: 'Connects to every address of the host in order, or to the Unix socket, and fails when the last one refuses the connection or has no socket.',
    why: 'The server is stopped, listens on another port or address or in another socket directory, or a firewall answers in its place.',
    notes:
      'With --admin the port and the socket directories that the server really uses are compared. A server that listens only on localhost is network/listen-addresses.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-connection.html'],
  },
  judge({ replicationLogin, primarySettings, primary, baseBackup }) {
    return judgeStage(replicationLogin, 'connection', (attempt, outcome) => {
      if (outcome.kind !== 'refused' && outcome.kind !== 'no-socket') return undefined;
      const settings = ifSeen(primarySettings);
      // which of several hosts is the one that --admin looked into nobody can say
      const several = new Set(replicationLogin.attempts.map(({ host, port }) => `${host} ${port}`)).size > 1;
      const seen = settings === undefined ? [] : listening(settings, attempt);
      return fail({
        title: `Nothing listens at ${placeOf(attempt)}`,
        message: isSocket(attempt)
          ? `There is no server behind ${placeOf(attempt)}: ${outcome.message}.`
          : `${placeOf(attempt)} refuses the connection: no server listens there, or a firewall answers in its place.`,
        where: at('primary', attempt.host),
        evidence: [...triesOf(replicationLogin), ...seen],
        remedy: safe(
          'Start the server, or connect where it really listens.',
          nextStep(attempt, several ? undefined : settings, ifSeen(primary), baseBackup),
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

function nextStep(
  attempt: ConnectionAttempt,
  settings: Settings | undefined,
  primary: Primary | undefined,
  baseBackup: Observed<BaseBackupCommand>,
): Step {
  const port = settings && integerOf(settings, 'port');
  const directories = settings && textOf(settings, 'unix_socket_directories');
  if (isSocket(attempt) && directories !== undefined && port !== undefined) {
    const sentence = `Connect with -p ${port} and one of the server's socket directories as -h: ${directories === '' ? 'it has none, so use its address' : directories}.`;
    const [directory] = directories.split(/,\s*/u);
    if (directory === undefined || !directory.startsWith('/') || primary?.sameMachine !== true)
      return manual('client', sentence);
    return checkAgainOr(
      baseBackup,
      { without: ['host', 'port'], with: ['-h', directory, '-p', String(port)] },
      sentence,
    );
  }
  if (isSocket(attempt)) {
    return manual(
      'client',
      'Start the server on this host, or give -h the directory that SHOW unix_socket_directories; names there and -p its port.',
    );
  }
  if (port !== undefined && port !== attempt.port) {
    return checkAgainOr(
      baseBackup,
      { without: ['port'], with: ['-p', String(port)] },
      `Connect with port=${port}: the server listens there, not on ${attempt.port}.`,
    );
  }
  if (settings !== undefined) {
    return manual(
      'primary',
      `Let TCP port ${attempt.port} through from ${attempt.localAddress ?? 'this host'} in the firewall before ${attempt.host}: the server itself runs.`,
    );
  }
  return manual(
    'primary',
    `Start the server on ${attempt.host}; where it runs, ask it for its port (SHOW port;) and give that with -p.`,
  );
}
