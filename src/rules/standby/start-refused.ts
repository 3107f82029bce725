import { posix } from 'node:path';

import type { RefusedLine, StartMode } from '../../facts/debian-cluster.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { ClosedEntry } from '../../facts/server-files.ts';
import type { Fault } from '../../findings/judgement.ts';
import type { Step } from '../../findings/report.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, disruptive, safe } from '../../remedies/remedy.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { modeText } from '../../postgres/file-mode.ts';

export const startRefused = defineRule({
  id: 'standby/start-refused',
  title: "Debian's cluster tools refuse to start this server",
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: ['debianCluster', 'standbyControl', 'runningStandby', 'manager'],
  explains: [...notStreaming],
  says: [
    'Error: Cluster is disabled',
    'Error: Invalid mode in %s, must be one of auto, manual, disabled',
    'Error: invalid line %s in %s: %s',
    'Error: Could not open logfile %s',
    'Error: Could not create log file %s',
    'Error: Could not open %s/start.conf: %s',
  ],
  docs: {
    what: "While a server of Debian's or Ubuntu's packages is down, reads what pg_ctlcluster reads before it starts one: start.conf, environment, pg_ctl.conf and postgresql.conf in /etc/postgresql, and the log that it opens. Fails if start.conf says disabled or nothing that it knows or cannot be read, on a line of the others that it cannot read (postgresql.conf: although PostgreSQL can), and on a log that the user of the server cannot write to or whose directory does not exist.",
    why: 'pg_ctlcluster, and with it systemd, stops there: PostgreSQL is never called, so its log shows nothing of it.',
    notes:
      'A server that Patroni or pg_auto_failover starts is not affected. With manual in start.conf the server can be started by hand, but does not start with the machine. The lines are held against the patterns of PgCommon.pm.',
    references: ['pg_ctlcluster(1)', 'pg_createcluster(1)'],
  },
  judge({ dataDirectory, now, debianCluster, ...seen }) {
    if (ifSeen(seen.runningStandby) !== undefined || dataDirectory.postmaster?.process === 'running')
      return pass('the server is running');
    const starter = ifSeen(seen.manager)?.kind;
    // who hands a cluster of Debian's packages over to one of these forbids its start here on purpose
    if (starter !== undefined && starter !== 'repmgr')
      return notApplicable('the program that manages the server starts it, and not pg_ctlcluster');
    if (debianCluster.status === 'not-applicable') return notApplicable(debianCluster.why);
    if (debianCluster.status === 'unseen') return unexamined(debianCluster.why);
    const { start, closedStart, refused, log, closedLog, missingLogDirectory, version, cluster } = debianCluster.value;
    const user = dataDirectory.owner.name;
    const starting = intoUse(seen.standbyControl, dataDirectory);
    const [first, ...others] = [
      ...(start === undefined ? [] : modeFaults(start, now, starting)),
      ...(closedStart === undefined ? [] : [closedFault(closedStart, user, starting)]),
      ...byFile(refused).map(([line, lines]) => lineFault(line, lines, now, starting)),
      ...(closedLog === undefined ? [] : [logFault(log, closedLog, user, starting)]),
      ...(missingLogDirectory === undefined ? [] : [missingFault(log, missingLogDirectory, user, starting)]),
    ];
    if (first !== undefined) return fail(first, ...others);
    return pass(
      `pg_ctlcluster would start ${version}/${cluster}: start.conf says ${start?.mode ?? 'nothing, which means auto'}, and ${log} can be written`,
    );
  },
});

function modeFaults({ mode, file, line, text, written }: StartMode, now: Date, starting: Step): readonly Fault[] {
  if (mode === 'auto' || mode === 'manual') return [];
  const target = { file, now, written };
  return [
    {
      title: mode === 'disabled' ? `${file} forbids starting this server` : `${file} has a mode that does not exist`,
      message:
        mode === 'disabled'
          ? `${file} says disabled, so neither pg_ctlcluster nor systemd starts the server. This is set on purpose, for example when another server replaces this one.`
          : `Line ${line} of ${file} must say auto, manual or disabled. Neither pg_ctlcluster nor systemd starts the server with it.`,
      where: at('standby', undefined, file, line),
      evidence: [evidence(`line ${line}`, text, file)],
      // whoever forbade the start decides: no tool starts it unasked
      remedy: (mode === 'disabled' ? disruptive : safe)(
        mode === 'disabled'
          ? 'If this server is to run again, let it start with the machine, and start it now.'
          : 'Let the server start with the machine, and start it now.',
        editFile('standby', target, { act: 'replace', line, becomes: ['auto'] }),
        starting,
      ),
    },
  ];
}

/** For each file its first line, and all of them. */
const byFile = (lines: readonly RefusedLine[]): readonly (readonly [RefusedLine, readonly RefusedLine[]])[] =>
  lines
    .filter(({ file }, index) => lines.findIndex((one) => one.file === file) === index)
    .map((first) => [first, lines.filter(({ file }) => file === first.file)]);

function lineFault(
  { file, line, written }: RefusedLine,
  lines: readonly RefusedLine[],
  now: Date,
  starting: Step,
): Fault {
  const target = { file, now, written };
  const known = lines.flatMap(({ line: number, becomes }) => (becomes === undefined ? [] : [{ number, becomes }]));
  const isRead = known.length === lines.length;
  return {
    title: `${file} line ${line}: pg_ctlcluster cannot read it`,
    message: `pg_ctlcluster accepts only lines like NAME = 'value' in ${file}, and starts nothing while there is another one.${isRead ? ' PostgreSQL itself reads it.' : ''}`,
    where: at('standby', undefined, file, line),
    evidence: lines.map((one) => evidence(`line ${one.line}`, one.text, file)),
    remedy: isRead
      ? safe(
          'Put the value in single quotes, which both read, and start the server.',
          ...known.map(({ number, becomes }, index) =>
            editFile('standby', index === 0 ? target : { ...target, copySuffix: `-${index + 1}` }, {
              act: 'replace',
              line: number,
              becomes: [becomes],
            }),
          ),
          starting,
        )
      : safe(
          `Comment out what it cannot read (if the server needs it, write it as NAME = 'value'), and start the server.`,
          editFile('standby', target, { act: 'comment-out', lines: lines.map((one) => one.line) }),
          starting,
        ),
  };
}

function closedFault({ path, owner, mode }: ClosedEntry, user: string, starting: Step): Fault {
  return {
    title: `${user} cannot read ${path}`,
    message: `pg_ctlcluster reads ${path} as ${user} before it starts the server, and stops where it cannot.`,
    where: at('standby', undefined, path),
    evidence: [evidence(path, `owner ${owner.name}, mode ${modeText(mode)}`, 'stat(2)')],
    remedy: safe(
      `Let ${user} read it, and start the server.`,
      asRoot('standby', `chmod 0644 ${shellWord(path)}`, 'change-mode', path),
      starting,
    ),
  };
}

function missingFault(log: string, directory: string, user: string, starting: Step): Fault {
  return {
    title: `The directory of the log that pg_ctlcluster opens first does not exist`,
    message: `pg_ctlcluster opens ${log} before it starts the server, and ${directory} does not exist.`,
    where: at('standby', undefined, directory),
    evidence: [evidence(directory, 'does not exist', 'stat(2)')],
    remedy: safe(
      'Create the directory, and start the server.',
      asRoot(
        'standby',
        `install -d -m 0755 -o ${shellWord(user)} ${shellWord(directory)}`,
        'make-directory',
        directory,
      ),
      starting,
    ),
  };
}

function logFault(log: string, { path, kind, owner, mode }: ClosedEntry, user: string, starting: Step): Fault {
  return {
    title: `${user} cannot write the log that pg_ctlcluster opens first`,
    message: `pg_ctlcluster opens ${log} before it starts the server, and ${user} may not ${kind === 'directory' ? `create a file in ${path}` : 'write to it'}.`,
    where: at('standby', undefined, path),
    evidence: [evidence(path, `owner ${owner.name}, mode ${modeText(mode)}`, 'stat(2)')],
    remedy: safe(
      `Give it to ${user}, and start the server.`,
      // a file in a directory that it may not enter would help nobody
      kind === 'directory' && (mode & 0o001) !== 0
        ? asRoot(
            'standby',
            `install -m 0640 -o ${shellWord(user)} /dev/null ${shellWord(log)}`,
            'make-file',
            posix.normalize(log),
          )
        : asRoot(
            'standby',
            `chown ${shellWord(user)} ${shellWord(path)} && chmod ${kind === 'directory' ? 'u+rwx' : 'u+rw'} ${shellWord(path)}`,
            'change-owner',
            path,
          ),
      starting,
    ),
  };
}
