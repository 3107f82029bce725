import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import type { Remedy, Step } from '../../findings/report.ts';
import type { DataDirectory } from '../../facts/data-directory.ts';
import { configurationValue } from '../../postgres/conninfo-format.ts';
import { namesBetweenCommas } from '../../postgres/name-list.ts';
import type { MissingPath } from '../../facts/start-needs.ts';
import { commandWithout } from '../../remedies/container-again.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { onlyWithFiles } from '../../remedies/only-with-files.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe, shell } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import type { StandbySeen } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { placeOfSetting, whereSet } from '../../derived/needed-setting.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import type { Fault } from '../../findings/judgement.ts';

export const pathMissing = defineRule({
  id: 'standby/path-missing',
  title: 'A configured path does not exist on this host',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['startNeeds', 'dataDirectory', 'now'],
  wants: ['standbyConfiguration', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  messages: ['tls-key-perms', 'unix-socket-path-too-long', 'libpq-socket-path-long'],
  says: [
    'could not load server certificate file "%s": No such file or directory',
    'could not access private key file "%s": No such file or directory',
    'could not create lock file "%s": No such file or directory',
    'could not open log file "%s": No such file or directory',
  ],
  docs: {
    what: 'While the server is down, checks the configured paths that it needs to start: data_directory, hba_file, unix_socket_directories, log_directory (with logging_collector), stats_temp_directory (13 and 14), and the TLS files (with ssl).',
    why: 'Settings are copied with the data directory, but files outside it are not. The server then does not start.',
    notes:
      "The path of a Unix-domain socket can have at most 107 bytes (103 on macOS), including its name (.s.PGSQL.5432). The server creates a missing log_directory, but not its parent directory. A relative hba_file depends on where the server is started, and is not checked. Whether the server's user can write to a directory is checked only if standbylint runs as that user; whether it can get there at all, always.",
    references: [
      'src/backend/postmaster/postmaster.c: PostmasterMain()',
      'src/backend/libpq/be-secure-common.c: check_ssl_key_file_permissions()',
      'src/backend/postmaster/syslogger.c: SysLogger_Start()',
    ],
  },
  judge(facts) {
    const { startNeeds, dataDirectory } = facts;
    const standby: StandbySeen = {
      ...facts,
      dataDirectory: { status: 'seen', value: dataDirectory, source: dataDirectory.path },
    };
    const { missing: all, withoutOpenssl } = startNeeds;
    const what = ({ name }: MissingPath): string => (name === 'ssl_key_file' ? 'ssl_cert_file' : name);
    const [first, ...others] = all
      // a certificate and its key are one thing, and so are the directories of one list
      .filter((one, index) => all.findIndex((other) => what(other) === what(one)) === index)
      .map((missing) => ({
        ...faultOf(missing, dataDirectory),
        remedy: remedyFor(missing, { all, withoutOpenssl }, dataDirectory, standby),
      }));
    if (first !== undefined) return fail(first, ...others);
    const { there } = startNeeds;
    return pass(
      there.length === 0
        ? 'no setting contains a path outside the data directory'
        : `the configured paths exist: ${there.join(', ')}`,
    );
  },
});

function faultOf(missing: MissingPath, directory: DataDirectory): Omit<Fault, 'remedy'> {
  const { name, path, state, wanted } = missing;
  if (state === 'elsewhere')
    return {
      title: 'data_directory is not the directory of this standby',
      message: `data_directory is '${missing.value}': a server started on ${directory.path} reads its configuration there but runs on ${path}, which may be the primary's data directory.`,
      where: whereSet(missing),
      evidence: [
        evidence(name, missing.value, placeOfSetting(missing)),
        evidence('the standby', directory.path, 'the command line'),
      ],
    };
  const { title, message } = {
    missing: {
      title: `${name} is a ${wanted} that does not exist on this host`,
      message: `${wanted} ${path} does not exist on this host`,
    },
    'not-a-directory': { title: `${name} is not a directory`, message: `${path} is not a directory` },
    'too-long': {
      title: 'unix_socket_directories is too long for a socket',
      message: `the path of a socket in it would be longer than the system allows (107 bytes on Linux)`,
    },
    'not-permitted': {
      title: `The server cannot use the ${wanted} in ${name}`,
      message: `${directory.owner.name}, the user that runs the server, cannot ${wanted === 'directory' ? 'write to' : 'read'} ${path}`,
    },
    'no-way': {
      title: `The server cannot reach the ${wanted} in ${name}`,
      message: `${directory.owner.name}, the user that runs the server, cannot enter ${missing.closedAbove ?? posix.dirname(path)}`,
    },
    'too-open': {
      title: 'The TLS private key is accessible to group or others',
      message: `users other than its owner can read ${path}`,
    },
  }[state];
  return {
    title,
    message: `${name} is '${missing.value}', and ${message}: the server does not start.`,
    where: whereSet(missing),
    evidence: [
      evidence(name, missing.value, placeOfSetting(missing)),
      state === 'no-way'
        ? evidence(missing.closedAbove ?? path, `closed to ${directory.owner.name}`, 'stat')
        : evidence(path, state.replaceAll('-', ' '), 'stat'),
    ],
  };
}

function remedyFor(
  missing: MissingPath,
  { all, withoutOpenssl }: { readonly all: readonly MissingPath[]; readonly withoutOpenssl: true | undefined },
  directory: DataDirectory,
  standby: StandbySeen,
): Remedy {
  const { name, path, state } = missing;
  const start = intoUse(standby.standbyControl, directory);
  if (state === 'too-open')
    return missing.ofRoot === true
      ? safe(
          'Restrict it to root and its group, and start the server.',
          asRoot('standby', `chmod 0640 ${shellWord(path)}`, 'change-mode', path),
          start,
        )
      : safe(
          'Restrict it to its owner, and start the server.',
          shell('standby', `chmod 0600 ${shellWord(path)}`, 'change-mode', path),
          start,
        );
  if (state === 'not-permitted')
    return safe(
      'Give it to the user that runs the server, and start the server.',
      asRoot(
        'standby',
        // root's key may have a mode that the server refuses of its own
        `chown ${shellWord(directory.owner.name)} ${shellWord(path)}${name === 'ssl_key_file' ? ` && chmod 0600 ${shellWord(path)}` : ''}`,
        'change-owner',
        path,
      ),
      start,
    );
  if (state === 'no-way' && missing.wanted === 'file') return copiedIn(missing, all, directory, standby);
  if (name === 'data_directory') return directoryOf(missing, directory, standby, start);
  const change = (summary: string, value: string): Remedy =>
    safe(summary, ...changeOnStandby(standby, { [name]: value }, 'restart'));
  switch (name) {
    case 'log_directory':
      return change('Let the server write its log into the data directory, and start it.', 'log');
    case 'stats_temp_directory':
      return change('Keep the statistics in the data directory, and start the server.', 'pg_stat_tmp');
    case 'unix_socket_directories':
      return change(
        state === 'too-long'
          ? 'Use a directory with a shorter path for the socket, and start the server.'
          : 'Remove the directory from the setting, and start the server.',
        socketsThere(missing, all, directory.path),
      );
    case 'hba_file':
      return change(
        'Use the pg_hba.conf of the data directory, and start the server.',
        posix.join(directory.path, 'pg_hba.conf'),
      );
    case 'ssl_ca_file':
    case 'ssl_crl_file':
      return change('Turn it off until the file exists, and start the server.', '');
    default:
      return withoutOpenssl === true
        ? safe(
            'Turn TLS off on this server until it has a certificate and a key (openssl, which makes them, is not installed on this host), and start it. Clients that insist on TLS cannot connect until then.',
            ...changeOnStandby(standby, { ssl: 'off' }, 'restart'),
          )
        : ownCertificate(directory, standby);
  }
}

/** Another mode of a directory of the system would open all of it: its files are copied to where the server gets. */
function copiedIn(
  { name }: MissingPath,
  all: readonly MissingPath[],
  { path, owner }: DataDirectory,
  standby: StandbySeen,
): Remedy {
  const isTls = (one: string): boolean => one.startsWith('ssl_');
  const files = all
    .filter((one) => one.state === 'no-way' && (one.name === name || (isTls(name) && isTls(one.name))))
    .map((one) => ({ ...one, copy: posix.join(path, `${one.name}-${posix.basename(one.path)}`) }));
  return safe(
    `Copy ${files.length === 1 ? 'it' : 'them'} into the data directory, and start the server.`,
    ...files.map((one) =>
      asRoot(
        'standby',
        `install -o ${shellWord(owner.name)} -m 0600 ${shellWord(one.path)} ${shellWord(one.copy)}`,
        'make-file',
        one.copy,
      ),
    ),
    ...changeOnStandby(standby, Object.fromEntries(files.map((one) => [one.name, one.copy])), 'restart'),
  );
}

/** /tmp where none is left: every host has it, and without a socket nobody on the host could log in. */
const socketsThere = ({ name, value }: MissingPath, all: readonly MissingPath[], dataDirectory: string): string =>
  namesBetweenCommas(value)
    .filter((one) => !all.some((other) => other.name === name && other.path === posix.resolve(dataDirectory, one)))
    .join(', ') || '/tmp';

/**
 * A directory that is moved to another host is not where it was: the one that the server is started on counts. Debian's
 * cluster tools know it by this line alone (postgresql-common, PgCommon.pm: cluster_data_directory).
 */
function directoryOf(
  { source, name }: MissingPath,
  { path }: DataDirectory,
  { now, standbyConfiguration, standbyControl }: StandbySeen,
  start: Step,
): Remedy {
  if (source?.kind !== 'file')
    return safe(
      'Remove it from the command that starts the server.',
      ...commandWithout(
        ifSeen(standbyControl)?.control,
        [name],
        [
          manual('standby', `Remove ${name} from the command that starts the server: there it overrides every file.`),
          start,
        ],
      ),
    );
  const { file, line } = source;
  const target = { file, now, written: ifSeen(standbyConfiguration)?.written?.get(file) };
  return ifSeen(standbyControl)?.control.kind === 'pg_ctlcluster'
    ? safe(
        "Name this standby's directory in that file, where Debian's tools look for it (its last line decides), and start the server.",
        editFile('standby', target, { act: 'append', lines: [`${name} = ${configurationValue(path)}`] }),
        start,
      )
    : safe(
        'Comment it out, so that the server uses the directory that it is started on.',
        editFile('standby', target, { act: 'comment-out', lines: [line] }),
        start,
      );
}

/** A self-signed certificate encrypts as the primary's does, and clients that do not verify it notice nothing. */
function ownCertificate(directory: DataDirectory, standby: StandbySeen): Remedy {
  const file = (name: string): string => shellWord(posix.join(directory.path, name));
  const files = ['server.crt', 'server.key'].map((name) => posix.join(directory.path, name));
  return safe(
    'Give this server its own certificate, and start it. (The certificate is self-signed: if clients verify it, replace it with one from your certificate authority.)',
    shell(
      'standby',
      `test -e ${file('server.key')} || { umask 077 && openssl req -new -x509 -days 365 -nodes -newkey rsa:2048 -subj /CN="$(hostname)" -out ${file('server.crt')} -keyout ${file('server.key')}; }`,
      'make-file',
      posix.join(directory.path, 'server.key'),
    ),
    ...changeOnStandby(standby, { ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' }, 'restart').map((step) =>
      step.does === 'edit-file' || step.does === 'set-configuration' ? onlyWithFiles(step, files) : step,
    ),
  );
}
