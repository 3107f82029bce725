import { paceOf } from './basebackup/progress.ts';
import type { Progress } from './basebackup/progress.ts';
import type { CopyEvents } from './basebackup/run.ts';
import { progressBar, progressLine } from '../report/copy-progress.ts';
import { printable } from '../report/printable.ts';
import type { CopyScreen } from './screen.ts';

/**
 * Shows a copy while it runs: a bar on a terminal, drawn again several times a second so that the clock in it moves; lines
 * elsewhere, one each ten percent, and one at least every five seconds. What pg_basebackup says stays on the screen.
 */
export function followCopy(screen: CopyScreen): CopyEvents & { readonly done: () => Promise<void> } {
  let first: { readonly doneBytes: number; readonly at: number } | undefined;
  let latest: { readonly progress: Progress; readonly at: number } | undefined;
  let toldAt = performance.now();
  let toldPercent = -1;
  const written: Promise<void>[] = [];

  const text = (): string => {
    if (latest === undefined || first === undefined) return '';
    const { progress, at } = latest;
    const pace = paceOf(progress, first, at - first.at);
    const since = (performance.now() - at) / 1000;
    const secondsLeft = pace.secondsLeft === undefined ? undefined : Math.max(0, pace.secondsLeft - since);
    const shown = { ...progress, bytesPerSecond: pace.bytesPerSecond, secondsLeft };
    return screen.isTty ? progressBar(shown, screen.width, screen.paint) : progressLine(shown);
  };
  const redraw = (): void => {
    if (latest !== undefined) screen.draw(text());
  };
  const timer = screen.isTty ? setInterval(redraw, 250) : undefined;

  return {
    onCheckpoint: () => {
      if (screen.isTty) screen.draw('  the primary writes a checkpoint first (-c fast makes it immediate)');
      else written.push(screen.lines('  the primary writes a checkpoint first'));
    },
    onProgress: (progress) => {
      latest = { progress, at: performance.now() };
      first ??= { doneBytes: progress.doneBytes, at: latest.at };
      if (screen.isTty) return redraw();
      const step = Math.floor(progress.percent / 10);
      if (step === toldPercent && performance.now() - toldAt < 5000) return;
      toldAt = performance.now();
      toldPercent = step;
      written.push(screen.lines(text()));
    },
    onWords: (words) => {
      written.push(screen.lines(`  ${screen.paint.quiet(printable(words))}`));
    },
    done: async () => {
      clearInterval(timer);
      screen.erase();
      await Promise.all(written);
    },
  };
}
