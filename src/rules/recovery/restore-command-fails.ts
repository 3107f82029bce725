import type { JudgedFacts } from '../../facts/facts.ts';
import { ifSeen, notApplicable as inapplicable } from '../../facts/observed.ts';
import type { Judgement } from '../../findings/judgement.ts';
import { capitalized } from '../../findings/sentence.ts';
import type { Location } from '../../findings/report.ts';
import { inForce, majorOf } from '../../derived/in-force.ts';
import { exchanged, isTurned, withoutSuccessAtEnd, withoutUnpackingInPlace } from '../../postgres/restore-command.ts';
import { removedFromPrimary } from '../../derived/removed-wal.ts';
import { restoreFailureIn } from '../../derived/restore-failure.ts';
import type { RestoreFailure } from '../../derived/restore-failure.ts';
import { streamsNow } from '../../derived/stream-from-outside.ts';
import { hasOtherCipher, restoreFix } from '../../remedies/restore-fix.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { disruptive, manual, safe, shell } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

const restoreRunFacts = [
  'standbyConfiguration',
  'runningStandby',
  'standbyControl',
  'dataDirectory',
  'standbyConninfo',
  'serverLog',
  'timelines',
  'controlFile',
  'localWal',
  'primaryWal',
  'slots',
  'walSenders',
] as const;
type Facts = JudgedFacts<'now' | 'archive', (typeof restoreRunFacts)[number]>;

export const restoreCommandFails = defineRule({
  id: 'recovery/restore-command-fails',
  title: 'restore_command does not work',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now', 'archive'],
  wants: restoreRunFacts,
  explains: [...notStreaming, 'streaming/breaks-repeatedly', 'wal/segment-removed', 'wal/gap', 'standby/not-running'],
  messages: ['could-not-restore-file'],
  docs: {
    what: "Fails when `sh -n` finds a syntax error in `restore_command`, when it ends with `|| true` or the like, when it uses %p but not %f, or a plain copy uses %f but not %p or copies from %p to %f, when it unpacks a compressed file in place because -c is missing, when the program that `restore_command` starts with does not exist or cannot be executed by the server's user, when the newest segment in the directory that it reads is compressed and the command does not unpack it, or the other way round, and when the log shows that the command ended with a status above 125, with status 0 but without creating the file, or that pgBackRest or Barman reported an error, and when the directory that a plain copy reads from does not exist, or the server's user cannot read it or the newest segment in it. Of pgBackRest, its configuration and a repository on this machine are read, too.",
    why: 'The server stops at every status above 125: it does not start, or stops at the next segment that it requests from the archive. It treats status 0 without a file, and every other failure, as a file that is not in the archive.',
    notes:
      'standbylint never runs the command. A restore_command that ends with status 1 for a file that is not in the archive is correct and not reported. The log no longer applies after the program, or the file that sets restore_command, was changed.',
    references: ['src/backend/access/transam/xlogarchive.c: RestoreArchivedFile()'],
  },
  judge(facts) {
    const { archive, standbyConninfo } = facts;
    const { program, command } = archive;
    const set = inForce('restore_command', facts);
    const where = set?.where ?? at('standby');
    const written = asWritten(facts, set?.source ?? 'the configuration files', where);
    if (written !== undefined) return written;
    if (program.found && program.executable) return whenRun(facts, set?.source ?? 'the configuration files', where);
    const shown = [evidence('restore_command', command, set?.source ?? 'the configuration files')];
    const status = program.found ? '126' : '127';
    const message = `restore_command starts with ${program.name}, which ${program.found ? 'the user that runs the server cannot execute' : 'does not exist'}. The shell ends with status ${status}, and the server stops at that.`;
    if (program.found)
      return fail({
        severity: 'error',
        title: `restore_command: ${program.name} cannot be executed`,
        message,
        where,
        evidence: shown,
        remedy: safe(
          'Let the user that runs the server execute it, and start the standby.',
          program.name.startsWith('/')
            ? shell('standby', `chmod u+x ${shellWord(program.name)}`, 'change-mode', program.name)
            : manual('standby', `Let the user that runs the server execute ${program.name}.`),
          ...changeOnStandby(facts, {}, 'reload'),
        ),
      });
    const gone = removedFromPrimary(facts);
    const streams = gone === undefined && ifSeen(standbyConninfo)?.text !== undefined;
    const from14 = (majorOf(facts) ?? 13) >= 14;
    return fail({
      severity: 'error',
      title: `restore_command: program ${program.name} does not exist`,
      message:
        gone === undefined ? message : `${message} The primary no longer has ${gone}, which the standby needs next.`,
      where,
      evidence: shown,
      remedy: streams
        ? disruptive(
            `Unset restore_command, because the standby can stream. (If it needs the archive, install ${program.name}, or correct its path in restore_command.)`,
            ...changeOnStandby(facts, { restore_command: '' }, from14 ? 'reload' : 'restart'),
          )
        : disruptive(
            'Install the program or correct restore_command, and start the standby.',
            manual('standby', `Install ${program.name}, or correct its path in restore_command.`),
            ...changeOnStandby(facts, {}, from14 ? 'reload' : 'restart'),
          ),
    });
  },
});

/** What its text alone shows: the server takes the shell's refusal, and a wrong file's absence, for an archive without the file. */
function asWritten(facts: Facts, source: string, where: Location): Judgement | undefined {
  const { malformed, namesNoFile, namesNoTarget, command } = facts.archive;
  const turned = malformed === undefined && !command.includes('***') && isTurned(command, '%f');
  if (malformed === undefined && namesNoFile !== true && namesNoTarget !== true && !turned)
    return unpacksInPlace(facts, source, where) ?? alwaysSucceeds(facts, source, where);
  const gone = removedFromPrimary(facts);
  const isNeeded = gone !== undefined && !streamsNow({ ...facts, standbyProcesses: notAsked });
  // it asks for histories first, and one file is taken for all of them
  const neverOpens =
    malformed === undefined &&
    namesNoFile === true &&
    ifSeen(facts.dataDirectory)?.postmaster?.process === 'running' &&
    facts.runningStandby.status === 'unseen' &&
    !streamsNow({ ...facts, standbyProcesses: notAsked });
  // cp [-p] /archive/%f
  const isPlainCopy =
    malformed === undefined &&
    namesNoTarget === true &&
    /^(?:\S*\/)?cp(?:\s+-\w+)*\s+["']?[\w./-]*%f["']?\s*$/u.test(command);
  const reloads = !neverOpens && (majorOf(facts) ?? 13) >= 14;
  const [title, seen, correction] = turned
    ? [
        'restore_command copies in the wrong direction',
        'restore_command copies from %p to %f. %f is the name of the file in the archive, and %p the path that it is written to.',
        'Exchange %f and %p in restore_command.',
      ]
    : malformed === undefined && namesNoFile !== true
      ? [
          'restore_command does not say where to copy to (%p)',
          'restore_command uses %f but not %p, so its program has no destination and copies nothing.',
          'Put %p where restore_command names the destination, as in: cp /archive/%f "%p"',
        ]
      : malformed === undefined
        ? [
            'restore_command does not say which file it needs (%f)',
            'restore_command uses %p but not %f, so it asks for the same file every time.',
            'Put %f where restore_command names the file in the archive.',
          ]
        : [
            'restore_command is not a valid shell command',
            `The shell does not run restore_command: ${malformed === 'unclosed' ? 'a quote or a bracket is not closed' : 'it has a syntax error'}.`,
            malformed === 'unclosed'
              ? 'Close the quote or the bracket in restore_command.'
              : 'Correct the syntax error in restore_command (sh -n -c COMMAND shows it).',
          ];
  return fail({
    title,
    severity: isNeeded || neverOpens ? 'error' : 'warning',
    message: `${seen} ${neverOpens ? 'The server takes that file for every file that it needs, and does not open' : (turned || namesNoTarget === true) && malformed === undefined ? 'The standby gets nothing from the archive' : 'The standby gets nothing from the archive, and its log shows no error of its own'}.${isNeeded ? ` The primary no longer has ${gone}, which the standby needs next.` : ''}`,
    where,
    evidence: [evidence('restore_command', command, source)],
    remedy: (reloads ? safe : disruptive)(
      'Correct restore_command.',
      ...(isPlainCopy || turned
        ? changeOnStandby(
            facts,
            {
              restore_command: turned ? exchanged(command) : `${command} "%p"`,
            },
            reloads ? 'reload' : 'restart',
          )
        : [manual('standby', correction), ...changeOnStandby(facts, {}, reloads ? 'reload' : 'restart')]),
    ),
  });
}

/** Each file that is asked for stays behind unpacked, and the server gets an empty one for it. */
function unpacksInPlace(facts: Facts, source: string, where: Location): Judgement | undefined {
  const { command } = facts.archive;
  const right = command.includes('***') ? undefined : withoutUnpackingInPlace(command);
  if (right === undefined) return undefined;
  const gone = removedFromPrimary(facts);
  const isNeeded = gone !== undefined && !streamsNow({ ...facts, standbyProcesses: notAsked });
  const reloads = (majorOf(facts) ?? 13) >= 14;
  return fail({
    title: 'restore_command unpacks the files in the archive and brings nothing',
    severity: isNeeded ? 'error' : 'warning',
    message: `Without -c, the program puts the unpacked file in the place of the archived one and writes nothing to its output: the standby gets an empty file, and each segment that it has asked for is left unpacked in the archive.${isNeeded ? ` The primary no longer has ${gone}, which the standby needs next.` : ''}`,
    where,
    evidence: [evidence('restore_command', command, source)],
    remedy: (reloads ? safe : disruptive)(
      'Write the unpacked file to %p, and copy those that are unpacked by now.',
      ...changeOnStandby(facts, { restore_command: right }, reloads ? 'reload' : 'restart'),
    ),
  });
}

/** The manual of restore_command: status 0 only if it succeeds; it is asked for files that the archive does not have. */
function alwaysSucceeds(facts: Facts, source: string, where: Location): Judgement | undefined {
  const { command } = facts.archive;
  const honest = withoutSuccessAtEnd(command);
  if (honest === undefined) return undefined;
  const reloads = (majorOf(facts) ?? 13) >= 14;
  return fail({
    title: 'restore_command reports success whatever happens',
    severity: 'warning',
    message: `restore_command ends with "${command.slice(honest.length).trim()}", so its status is 0 even if the archive does not have the file, cannot be reached, or the copy broke off. The server learns of no failure.`,
    where,
    evidence: [evidence('restore_command', command, source)],
    remedy: (reloads ? safe : disruptive)(
      'Let the command end with the status of the copy.',
      ...(honest.includes('***')
        ? [manual('standby', `Remove "${command.slice(honest.length).trim()}" from the end of restore_command.`)]
        : changeOnStandby(facts, { restore_command: honest }, reloads ? 'reload' : 'restart')),
    ),
  });
}

/** What a program does that exists and may be run only the log tells. */
function whenRun(facts: Facts, source: string, where: Location): Judgement {
  const { archive, serverLog } = facts;
  const { program, command } = archive;
  const failure = restoreFailureIn(serverLog, archive);
  const complaint =
    failure?.kind === 'complains' || cannotRead(archive) ? complains(facts, failure, source, where) : undefined;
  if (complaint !== undefined) return complaint;
  const packed = failure?.kind === 'stops-the-server' ? undefined : notTaken(facts, source, where);
  if (packed !== undefined) return packed;
  if (failure === undefined) return pass(`the program of restore_command, ${program.name}, exists and can be executed`);
  const shown = [evidence('restore_command', command, source), failure.evidence];
  const gone = removedFromPrimary(facts);
  const from14 = (majorOf(facts) ?? 13) >= 14;
  const asked = failure.file ?? gone ?? 'the file in the log';
  const repair = manual(
    'standby',
    `Run restore_command as the server's user, with %f replaced by ${asked} and %p by a path in /tmp, and fix what it reports. It must end with status 0 only if it has written the file, and with 1 to 125 if the archive does not have it.`,
  );
  if (failure.kind === 'no-file') {
    const isNeeded = gone !== undefined && !streamsNow({ ...facts, standbyProcesses: notAsked });
    return fail({
      title: 'restore_command reports success but creates no file',
      severity: isNeeded ? 'error' : 'warning',
      message: `restore_command ends with status 0 but creates no file, so the standby gets nothing from the archive.${isNeeded ? ` The primary no longer has ${gone}, which the standby needs next.` : ''}`,
      where,
      evidence: shown,
      remedy: safe('Fix restore_command. The server runs it again every few seconds.', repair),
    });
  }
  const canStream = gone === undefined && ifSeen(facts.standbyConninfo)?.text !== undefined;
  return fail({
    severity: 'error',
    title: `restore_command stops the server: ${failure.reason}`.slice(0, 70),
    message: `restore_command ${failure.reason.startsWith('child process') ? `failed (${failure.reason})` : `ended with a status above 125 (${failure.reason})`}. The server stops because of that, and again at every start.`,
    where,
    evidence: shown,
    remedy: canStream
      ? disruptive(
          'Unset restore_command, because the standby can stream, and start the server. (If it needs the archive, fix the command instead.)',
          ...changeOnStandby(facts, { restore_command: '' }, from14 ? 'reload' : 'restart'),
        )
      : disruptive('Fix restore_command, and start the server.', repair, ...changeOnStandby(facts, {}, 'reload')),
  });
}

/** What it reads from shows it, whatever the log says. */
const cannotRead = ({ pgBackRest, unreachable }: Facts['archive']): boolean =>
  pgBackRest === undefined
    ? unreachable !== undefined
    : ['missing', 'closed', 'without-stanza'].includes(pgBackRest.state) || hasOtherCipher(pgBackRest);

/** pgBackRest and Barman say what is wrong; their status is one that the server takes for a file that is not there. */
function complains(facts: Facts, failure: RestoreFailure | undefined, source: string, where: Location): Judgement {
  const { archive } = facts;
  const gone = removedFromPrimary(facts);
  const streams = streamsNow({ ...facts, standbyProcesses: notAsked });
  const { because, title, summary, steps } = restoreFix(
    facts,
    archive,
    failure?.words,
    gone ?? 'the file that it needs',
  );
  const directory = ifSeen(facts.dataDirectory);
  const opens = directory?.postmaster?.process !== 'running' || facts.runningStandby.status === 'seen';
  const hasOther = ifSeen(facts.standbyConninfo)?.text !== undefined;
  // without the archive nothing brings what it needs
  const isNeeded = !streams && (gone !== undefined || !opens || !hasOther);
  const name = archive.pgBackRest === undefined ? 'restore_command' : 'pgBackRest';
  const seen = because ?? `${name} reports "${failure?.reason ?? ''}"`;
  return fail({
    severity: isNeeded ? 'error' : 'warning',
    title: title ?? `restore_command fails: ${failure?.reason ?? ''}`.slice(0, 90),
    message: `${capitalized(seen)}, so the standby gets nothing from the archive. The server takes that for a file that is not there.${gone === undefined || streams ? '' : ` The primary no longer has ${gone}, which the standby needs next.`}`,
    where,
    evidence: [
      evidence('restore_command', archive.command, source),
      ...(failure?.kind === 'complains' ? [failure.evidence] : []),
    ],
    remedy: safe(summary, ...steps),
  });
}

/** The segments are there, and it asks for other names or brings them compressed: the server says nothing of it. */
function notTaken(facts: Facts, source: string, where: Location): Judgement | undefined {
  const { archive } = facts;
  const { packed, command } = archive;
  if (packed === undefined) return undefined;
  const { packing, sample, unpacking, lacks } = packed;
  const gone = removedFromPrimary(facts);
  const isNeeded = gone !== undefined && !streamsNow({ ...facts, standbyProcesses: notAsked });
  const is = packing === undefined ? 'not compressed' : `compressed with ${packing}`;
  const reloads = (majorOf(facts) ?? 13) >= 14;
  return fail({
    severity: isNeeded ? 'error' : 'warning',
    title: 'restore_command does not read the files of this archive',
    message: `The WAL in ${archive.directory ?? 'the archive'} is ${is} (${sample}), and restore_command does not bring it as WAL: the standby gets nothing from the archive, and its log shows no error of its own.${isNeeded ? ` The primary no longer has ${gone}, which the standby needs next.` : ''}`,
    where,
    evidence: [
      evidence('restore_command', command, source),
      evidence(sample, `${is}, by its first bytes`, archive.directory ?? 'the archive'),
    ],
    remedy: (reloads ? safe : disruptive)(
      packing === undefined ? 'Copy the files as they are.' : 'Unpack the files with restore_command.',
      ...(lacks === undefined
        ? []
        : [manual('standby', `Install ${lacks}: this host does not have it, and restore_command needs it.`)]),
      ...(unpacking === undefined
        ? [
            manual(
              'standby',
              `Set restore_command to a command that ${packing === undefined ? 'copies' : 'unpacks'} files like ${sample} to %p.`,
            ),
            ...changeOnStandby(facts, {}, reloads ? 'reload' : 'restart'),
          ]
        : changeOnStandby(facts, { restore_command: unpacking }, reloads ? 'reload' : 'restart')),
    ),
  });
}

const notAsked = inapplicable('it is not asked for');
