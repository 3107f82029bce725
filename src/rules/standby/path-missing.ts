import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import type { Remedy, Step } from '../../facts/report.ts';
import type { DataDirectory } from '../../facts/standby.ts';
import { namesBetweenCommas } from '../../postgres/name-list.ts';
import type { MissingPath } from '../../facts/start-needs.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe, shell } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import type { StandbySeen } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import type { Fault } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { placeOfSetting, whereSet } from './needed-setting.ts';
import { intoUse } from './signal.ts';

export const pathMissing = defineRule({
  id: 'standby/path-missing',
  title: 'A setting names a path that is not on this host',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['startNeeds', 'dataDirectory', 'now'],
  wants: ['standbyConfiguration', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  says: [
    'could not load server certificate file "%s": %s',
    'could not load private key file "%s": %s',
    'private key file "%s" has group or world access',
    'could not create lock file "%s": No such file or directory',
    'could not open log file "%s": No such file or directory',
  ],
  docs: {
    what: 'Looks, while the server is down, for what its settings name and a start cannot do without: data_directory, hba_file, unix_socket_directories, log_directory (with logging_collector), and the files of TLS (with ssl).',
    why: 'Settings are copied with the data directory, and what they name stays on the primary. The server then ends at its start.',
    notes:
      'A log_directory that is missing is made by the server, the directory above it is not. A relative hba_file counts from where the server is started, and is not looked at. What the server’s user may not write is seen only by that user.',
    references: [
      'backend/postmaster/postmaster.c, PostmasterMain()',
      'backend/libpq/be-secure-common.c, check_ssl_key_file_permissions()',
      'backend/postmaster/syslogger.c, SysLogger_Start()',
    ],
  },
  judge(facts) {
    const { startNeeds, dataDirectory } = facts;
    const standby: StandbySeen = {
      ...facts,
      dataDirectory: { status: 'seen', value: dataDirectory, source: dataDirectory.path },
    };
    const { missing: all } = startNeeds;
    const what = ({ name }: MissingPath): string => (name === 'ssl_key_file' ? 'ssl_cert_file' : name);
    const [first, ...others] = all
      // a certificate and its key are one thing, and so are the directories of one list
      .filter((one, index) => all.findIndex((other) => what(other) === what(one)) === index)
      .map((missing) => faultOf(missing, all, dataDirectory, standby));
    if (first !== undefined) return fail(first, ...others);
    const { there } = startNeeds;
    return pass(
      there.length === 0 ? 'no setting names a path outside' : `what they name is there: ${there.join(', ')}`,
    );
  },
});

function faultOf(
  missing: MissingPath,
  all: readonly MissingPath[],
  directory: DataDirectory,
  standby: StandbySeen,
): Fault {
  const { name, path, state, wanted } = missing;
  if (state === 'elsewhere')
    return {
      title: 'data_directory names another directory than the standby',
      message: `data_directory is '${missing.value}': a server that is started on ${directory.path} takes the configuration from there and runs on ${path}, which may be the primary's own.`,
      where: whereSet(missing),
      evidence: [
        evidence(name, missing.value, placeOfSetting(missing)),
        evidence('the standby', directory.path, 'the command line'),
      ],
      remedy: remedyFor(missing, all, directory, standby),
    };
  const { title, message } = {
    missing: {
      title: `${name} names a ${wanted} that is not on this host`,
      message: `there is no ${wanted} ${path} on this host`,
    },
    'not-a-directory': { title: `${name} names no directory`, message: `${path} is no directory` },
    'not-permitted': {
      title: `${name} names a ${wanted} that the server may not use`,
      message: `${directory.owner.name}, whom the server runs as, may not ${wanted === 'directory' ? 'write in' : 'read'} ${path}`,
    },
    'too-open': {
      title: 'The private key of TLS may be read by others',
      message: `others than its owner may read ${path}`,
    },
  }[state];
  return {
    title,
    message: `${name} is '${missing.value}', and ${message}: the server does not start.`,
    where: whereSet(missing),
    evidence: [
      evidence(name, missing.value, placeOfSetting(missing)),
      evidence(path, state.replaceAll('-', ' '), 'stat'),
    ],
    remedy: remedyFor(missing, all, directory, standby),
  };
}

function remedyFor(
  missing: MissingPath,
  all: readonly MissingPath[],
  directory: DataDirectory,
  standby: StandbySeen,
): Remedy {
  const { name, path, state } = missing;
  const start = intoUse(standby.standbyControl, directory);
  if (state === 'too-open')
    return safe(
      'Close it to others, and start the server.',
      shell('standby', `chmod 0600 ${shellWord(path)}`, 'change-mode', path),
      start,
    );
  if (state === 'not-permitted')
    return safe(
      'Let the user of the server use it, and start the server.',
      asRoot('standby', `chown ${shellWord(directory.owner.name)} ${shellWord(path)}`, 'change-owner', path),
      start,
    );
  if (name === 'data_directory') return withoutLine(missing, standby, start);
  const change = (summary: string, value: string): Remedy =>
    safe(summary, ...changeOnStandby(standby, { [name]: value }, 'restart'));
  switch (name) {
    case 'log_directory':
      return change('Let it write its log into the data directory, and start it.', 'log');
    case 'unix_socket_directories':
      return change('Leave out what is not there, and start it.', socketsThere(missing, all, directory.path));
    case 'hba_file':
      return change(
        'Use the pg_hba.conf of the data directory, and start the server.',
        posix.join(directory.path, 'pg_hba.conf'),
      );
    case 'ssl_ca_file':
    case 'ssl_crl_file':
      return change('Do without it until it is there, and start the server.', '');
    default:
      return ownCertificate(directory, standby);
  }
}

/** /tmp where none is left: every host has it, and without a socket nobody on the host could log in. */
const socketsThere = ({ name, value }: MissingPath, all: readonly MissingPath[], dataDirectory: string): string =>
  namesBetweenCommas(value)
    .filter((one) => !all.some((other) => other.name === name && other.path === posix.resolve(dataDirectory, one)))
    .join(', ') || '/tmp';

/** A directory that is moved to another host is not where it was: the one that the server is started on counts. */
function withoutLine({ source, name }: MissingPath, { now, standbyConfiguration }: StandbySeen, start: Step): Remedy {
  if (source?.kind !== 'file')
    return safe(
      'Leave it out, and start the server.',
      manual(
        'standby',
        `Take ${name} out of the command that starts the server: it stands there, and beats every file.`,
      ),
      start,
    );
  const { file, line } = source;
  const written = ifSeen(standbyConfiguration)?.written?.get(file);
  return safe(
    'Turn it into a comment, so that the directory counts that the server is started on.',
    editFile('standby', { file, now, written }, { act: 'comment-out', lines: [line] }),
    start,
  );
}

/** A self-signed certificate encrypts as the primary's does, and clients that do not verify it notice nothing. */
function ownCertificate(directory: DataDirectory, standby: StandbySeen): Remedy {
  const file = (name: string): string => shellWord(posix.join(directory.path, name));
  return safe(
    'Give this server a certificate of its own (self-signed: replace it by one of your authority where clients verify it), and start it.',
    shell(
      'standby',
      `test -e ${file('server.key')} || { umask 077 && openssl req -new -x509 -days 365 -nodes -newkey rsa:2048 -subj /CN="$(hostname)" -out ${file('server.crt')} -keyout ${file('server.key')}; }`,
      'make-file',
      posix.join(directory.path, 'server.key'),
    ),
    ...changeOnStandby(standby, { ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' }, 'restart'),
  );
}
