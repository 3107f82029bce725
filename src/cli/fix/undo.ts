import { checks } from '../../checks/registry.ts';
import type { PostmortemSubject } from '../../checks/subject.ts';
import { examine } from '../../diagnosis/examine.ts';
import type { Side } from '../../findings/report.ts';
import { readJournal } from '../../fixes/read-journal.ts';
import type { JournalHead } from '../../fixes/journal.ts';
import { sqlOnStandby, sqlOver } from '../../fixes/reach.ts';
import type { SqlReach, StepResult } from '../../fixes/reach.ts';
import { undoPlan } from '../../fixes/undo-plan.ts';
import type { UndoItem } from '../../fixes/undo-plan.ts';
import { undoSteps } from '../../fixes/undo.ts';
import type { Undone, UndoOptions } from '../../fixes/undo.ts';
import type { Reached } from '../../hosts/reached.ts';
import { localHost } from '../../hosts/local.ts';
import { placeIn } from '../../hosts/place.ts';
import { indent, wrap } from '../../report/layout.ts';
import { paintOf } from '../../report/paint.ts';
import { printable } from '../../report/printable.ts';
import type { CommandSurroundings } from '../command.ts';
import { sessionConnection } from '../examination/examination.ts';
import { journalText, sameJournal } from './journal-file.ts';
import type { ColorChoice } from '../options/own-options.ts';
import { canAsk } from '../terminal/password-prompt.ts';
import { askYesOrNo } from '../terminal/question.ts';
import { standardOutput } from '../output/report-output.ts';
import { colorLevel, textWidth } from '../terminal/terminal.ts';
import { UsageError } from '../usage-error.ts';

export interface UndoCall {
  readonly journal: string;
  /** Connection strings, which may hold a password. */
  readonly admin: string | undefined;
  readonly standby: string | undefined;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly timeoutMs: number;
  readonly color: ColorChoice;
}

/**
 * Takes back what a run of --fix did, by its journal, the last step first. 0: all that can be taken back was; 1: something
 * could not, or was not wanted.
 */
export async function undo(call: UndoCall, { print, signal }: CommandSurroundings): Promise<number> {
  if (!call.yes && !call.dryRun && !canAsk())
    throw new UsageError(
      'undo asks before each step, but there is no terminal.',
      'Add --yes to run the steps without asking, or --dry-run to see them.',
    );
  const { path, text } = await journalText(call.journal);
  const read = readJournal(text);
  if (!read.ok)
    throw new UsageError(
      `Line ${read.line} of ${path}: ${read.because}.`,
      'Give the journal exactly as --fix wrote it.',
    );
  const items = undoPlan(read.journal);
  const screen = await screenOf(call, print);
  if (items.length === 0) {
    await screen.say(`Nothing in ${path} is left to undo.`);
    return 0;
  }
  if (call.dryRun) {
    for (const item of items) await screen.about(item);
    return 0;
  }
  const places = placesOf(call, signal);
  const done = await takenBack(items, places, {
    host: async ({ place }) => wordsFor(async () => (await places.at(place)).host),
    sql: await sqlOf(call, read.journal.head, items, places),
    journal: await sameJournal(path),
    ask: async (item) => {
      await screen.about(item);
      return call.yes || askYesOrNo('    Undo this step?', signal);
    },
    told: screen.told,
    signal,
  });
  if (done === 'interrupted') {
    await screen.say('', `You interrupted it. ${path} records what was undone until then.`);
    return 130;
  }
  await screen.say(
    '',
    done === 'all' ? 'Everything that can be undone was undone.' : 'Some steps were not undone (see above).',
  );
  return done === 'all' ? 0 : 1;
}

/** This machine, and the places that the journal names: each is reached once. */
function placesOf({ timeoutMs }: UndoCall, signal: AbortSignal) {
  const reached = new Map<string, Promise<Reached>>();
  const here: Reached = {
    host: localHost({ timeoutMs }),
    dataDirectory: '',
    lost: () => undefined,
    close: () => undefined,
  };
  return {
    at: async (text: string | undefined): Promise<Reached> => {
      const place = text === undefined ? undefined : placeIn(text);
      if (text === undefined || place === undefined) return here;
      const { goTo } = await import('../examination/places.ts');
      const there = reached.get(text) ?? goTo(place, { timeoutMs }, 'fix', signal);
      reached.set(text, there);
      return there;
    },
    close: async (): Promise<void> => {
      for (const one of await Promise.allSettled(reached.values())) if (one.status === 'fulfilled') one.value.close();
    },
  };
}

async function wordsFor<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

async function takenBack(items: readonly UndoItem[], places: Places, options: UndoOptions): Promise<Undone> {
  try {
    return await undoSteps(items, options);
  } finally {
    await places.close();
  }
}

type Places = ReturnType<typeof placesOf>;

/** The ways that the steps need: over --admin and --standby, or the socket of the standby that was examined. */
async function sqlOf(
  call: UndoCall,
  { dataDirectory }: JournalHead,
  items: readonly UndoItem[],
  places: Places,
): Promise<(on: Side) => SqlReach> {
  const { timeoutMs } = call;
  const place = dataDirectory === null ? undefined : placeIn(dataDirectory);
  const needsSql = items.some(({ way }) => way.kind === 'sql');
  const { host } = await places.at(place === undefined || !needsSql ? undefined : (dataDirectory ?? undefined));
  const surroundings = { host, timeoutMs, signal: new AbortController().signal, now: () => host.now() };
  const [admin, standby] = await Promise.all([
    sessionConnection(host, 'admin', call.admin, surroundings),
    sessionConnection(host, 'standby', call.standby, surroundings),
  ]);
  const missing = (option: string): SqlReach => ({ open: false, because: `it needs ${option}, as --fix did` });
  const onPrimary = admin === undefined ? missing('--admin') : sqlOver(admin, '--admin', surroundings);
  const needsStandby = items.some(({ on, way }) => on === 'standby' && way.kind === 'sql');
  let onStandby = standby === undefined ? missing('--standby') : sqlOver(standby, '--standby', surroundings);
  if (standby === undefined && needsStandby && dataDirectory !== null) {
    const directory = place?.path ?? dataDirectory;
    const subject: PostmortemSubject = {
      command: 'postmortem',
      dataDirectory: directory,
      standby,
      admin,
      logs: [],
      logBytes: 1,
    };
    const looking = { ...surroundings, subject };
    onStandby = sqlOnStandby(await examine([{ needs: ['runningStandby', 'dataDirectory'] }], checks, looking), looking);
  }
  return (on) => (on === 'primary' ? onPrimary : onStandby);
}

async function screenOf({ color }: UndoCall, print: CommandSurroundings['print']) {
  const surface = standardOutput();
  const paint = await paintOf(colorLevel(color, surface));
  const width = textWidth(surface);
  const say = async (...lines: readonly string[]): Promise<void> => print(`${lines.join('\n')}\n`);
  const shown = (text: string): readonly string[] => text.split('\n').map((line) => `      ${printable(line)}`);
  return {
    say,
    about: async ({ rule, on, place, text, way, unsure }: UndoItem): Promise<void> =>
      say(
        '',
        `  ${paint.strong(printable(rule))}  ${paint.quiet(`on the ${on}${place === undefined ? '' : ` (${printable(place)})`}${unsure ? ', where it may or may not have happened' : ''}`)}`,
        ...shown(text).map((line) => paint.quiet(line)),
        ...(way.kind === 'none'
          ? indent(wrap(`Not undone: ${way.because}.`, width - 4), 4)
          : ['    To undo it:', ...shown(backText(way))]),
      ),
    told: async (item: UndoItem, result: StepResult | undefined): Promise<void> => {
      if (result === undefined)
        return say(
          '',
          `  ${paint.strong(printable(item.rule))}`,
          ...shown(item.text).map((line) => paint.quiet(line)),
          ...indent(wrap(`Not undone: ${item.way.kind === 'none' ? item.way.because : ''}.`, width - 4), 4),
        );
      const because = result.output === '' ? '' : `: ${result.output.replaceAll('\n', ' ')}`;
      return say(...indent(wrap(result.ok ? '✔ undone' : `✖ not undone${because}`, width - 4), 4));
    },
  };
}

const backText = (way: Exclude<UndoItem['way'], { kind: 'none' }>): string =>
  way.kind === 'edit'
    ? way.edit.absent === true
      ? `move ${way.edit.file} aside if it has not changed since`
      : `restore ${way.edit.file} from ${way.edit.copy} if it has not changed since`
    : way.text;
