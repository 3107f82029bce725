import { ifSeen, notApplicable as inapplicable } from '../../facts/observed.ts';
import type { Location } from '../../facts/report.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { evidence, fail, pass } from '../rule.ts';
import type { Judgement, JudgedFacts } from '../rule.ts';
import { streamsNow } from '../streaming/from-outside.ts';
import { neededWal, supplyOf } from '../wal/needed.ts';
import { majorOf } from './in-force.ts';
import { restoreFailureIn } from './restore-in-log.ts';

export const restoreRunFacts = [
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

/** What a program does that exists and may be run only the log tells. */
export function whenRun(facts: Facts, source: string, where: Location): Judgement {
  const { archive, serverLog } = facts;
  const { program, command } = archive;
  const failure = restoreFailureIn(serverLog, archive);
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

/** The segment that the standby needs next, where its primary no longer has it. */
function removedFromPrimary(facts: Facts): string | undefined {
  const [timelines, controlFile] = [ifSeen(facts.timelines), ifSeen(facts.controlFile)];
  if (timelines === undefined || controlFile === undefined) return undefined;
  const seen = { ...facts, timelines, controlFile };
  const needed = neededWal(seen);
  if (needed === undefined) return undefined;
  const supply = supplyOf(needed, { ...seen, archive: inapplicable('it does not work'), primaryArchive: notAsked });
  return supply.from === 'nowhere' ? needed.name : undefined;
}

const notAsked = inapplicable('it is not asked for');
