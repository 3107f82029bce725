import { exactDuration } from '../../postgres/durations.ts';
import { columns, indent, wrap } from '../../report/layout.ts';
import { paintOf } from '../../report/paint.ts';
import type { Paint } from '../../report/paint.ts';
import { printable } from '../../report/printable.ts';
import type { PostmortemOptions } from '../options/postmortem-options.ts';
import { printedText, standardOutput } from '../output/report-output.ts';
import { colorLevel, textWidth } from '../terminal/terminal.ts';
import type { Change, Known } from './changes.ts';
import type { Look } from './looks.ts';

/** What a terminal shows while a standby is watched: drawn again with each look, each second and each change of its size. */
export class Frame {
  readonly #options: PostmortemOptions & { readonly watchMs: number };
  readonly #changes: Change[] = [];
  readonly #timer: NodeJS.Timeout;
  #known: Known = new Map();
  #running: { readonly number: number; readonly since: Date } | undefined;
  #last: Look | undefined;
  #seen: Look | undefined;
  #drawing: Promise<void> = Promise.resolve();

  constructor(options: PostmortemOptions & { readonly watchMs: number }) {
    this.#options = options;
    process.stdout.on('resize', this.#draw);
    this.#timer = setInterval(this.#draw, 1_000);
    process.stdout.write(hideCursor);
  }

  began(number: number, since: Date): void {
    this.#running = { number, since };
    this.#draw();
  }

  show(look: Look, known: Known, changes: readonly Change[]): void {
    this.#running = undefined;
    this.#last = look;
    if (look.report !== undefined) this.#seen = look;
    this.#known = known;
    // what is there from the beginning has not changed
    if (look !== undefined && (look.number > 1 || changes.some(({ change }) => change === 'gone')))
      this.#changes.push(...changes);
    this.#draw();
  }

  /** The last frame stays. */
  end(): void {
    clearInterval(this.#timer);
    process.stdout.off('resize', this.#draw);
    process.stdout.write(`${showCursor}\n`);
  }

  readonly #draw = (): void => {
    this.#drawing = this.#drawing.then(async () => this.#drawNow());
  };

  async #drawNow(): Promise<void> {
    const surface = standardOutput();
    const paint = await paintOf(colorLevel(this.#options.color, surface));
    const width = Math.min(textWidth(surface), surface.columns || 80);
    const report = this.#seen?.report === undefined ? '' : await printedText(this.#seen.report, this.#options);
    const head = [...this.#head(width, paint), ...this.#told(width, paint)];
    const lines = [...head, ...report.trimEnd().split('\n')];
    const shown = fitting(lines, process.stdout.rows || 24, surface.columns || 80);
    if (shown.length < lines.length)
      shown.push(paint.quiet(`  ${lines.length - shown.length} more lines: a taller window shows them`));
    process.stdout.write(`${home}${shown.map((line) => `${line}${clearLine}`).join('\n')}${clearBelow}`);
  }

  #head(width: number, paint: Paint): readonly string[] {
    const now = Date.now();
    const { watchMs } = this.#options;
    const last = this.#last;
    const age = last === undefined ? undefined : now - last.startedAt.getTime();
    const running = this.#running && now - this.#running.since.getTime();
    const parts = [
      `Every ${exactDuration(watchMs)}`,
      ...(last === undefined ? [] : [`look ${last.number} at ${clock(last.startedAt)}`]),
      ...(running !== undefined && running > 3_000
        ? [`the next one has been running for ${exactDuration(running)}`]
        : []),
      'Ctrl-C ends',
    ];
    const lines = indent(wrap(parts.join(' · '), width - 2), 2).map((line) => paint.quiet(line));
    const isStale = age !== undefined && age > 3 * watchMs;
    const because = last?.because;
    return [
      ...lines,
      ...(because === undefined
        ? []
        : indent(wrap(printable(`The last look failed: ${because}. Below is what was seen before.`), width - 2), 2).map(
            paint.bad,
          )),
      ...(isStale ? [paint.unsure(`  What is below is ${exactDuration(age)} old`)] : []),
    ];
  }

  /** The last changes, and since when what is there is there. */
  #told(width: number, paint: Paint): readonly string[] {
    if (this.#changes.length === 0) return [];
    const now = Date.now();
    const present = [...this.#known.values()].filter(({ since }) => this.#changes.some((one) => one.since === since));
    return [
      '',
      ...this.#changes.slice(-mostChanges).flatMap((one) => {
        const isGone = one.change === 'gone';
        const still = present.some(({ rule, since }) => rule === one.rule && since === one.since);
        const lasted =
          one.lastedMs === null
            ? still
              ? `, for ${exactDuration(now - one.since.getTime())}`
              : ''
            : ` after ${exactDuration(one.lastedMs)}`;
        const text = `${clock(one.at)}  ${isGone ? `gone${lasted}` : `new${lasted}`}: ${one.title} [${one.rule}]`;
        const [first = '', ...rest] = wrap(printable(text), width - 4);
        return [(isGone ? paint.good : paint.bad)(`  ${first}`), ...indent(rest, 12)];
      }),
    ];
  }
}

const mostChanges = 6;

/** All lines where they fit into the window, else as many as leave room for one more; a path may be wider than the window. */
function fitting(lines: readonly string[], rows: number, width: number): string[] {
  const taken = lines.map((line) => Math.max(1, Math.ceil(columns(line) / width)));
  const until = (limit: number): number => {
    let used = 0;
    const over = taken.findIndex((height) => (used += height) > limit);
    return over === -1 ? lines.length : over;
  };
  return lines.slice(0, until(rows - 1) === lines.length ? lines.length : until(rows - 2));
}

/** In the time zone of who reads it. */
const clock = (at: Date): string => at.toTimeString().slice(0, 8);

const home = '\u001B[H';
const clearLine = '\u001B[K';
const clearBelow = '\u001B[J';
const hideCursor = '\u001B[?25l\u001B[2J';
const showCursor = '\u001B[?25h';
