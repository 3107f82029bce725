import type { TextContext } from '../../report/finding-text.ts';
import { paintOf } from '../../report/paint.ts';
import type { Scene } from '../../findings/scene.ts';
import type { CopyScreen } from '../../clone/screen.ts';
import { isForPeople } from '../options/outputs.ts';
import type { OwnOptions } from '../options/own-options.ts';
import { colorLevel, textWidth } from './terminal.ts';

/**
 * Where the story of a clone is told while it happens: standard output, and standard error where another format of
 * the report, or none, goes there. The last line of a terminal may be drawn again and again.
 */
export class Screen implements CopyScreen {
  readonly isTty: boolean;
  readonly #stream: NodeJS.WriteStream;
  readonly #context: Omit<TextContext, 'scene'>;
  #drawn = false;

  private constructor(stream: NodeJS.WriteStream, context: Omit<TextContext, 'scene'>) {
    this.#stream = stream;
    this.isTty = stream.isTTY;
    this.#context = context;
  }

  static async of(own: Pick<OwnOptions, 'outputs' | 'color'>): Promise<Screen> {
    const stream = isForPeople(own.outputs) ? process.stdout : process.stderr;
    const surface = { isTty: stream.isTTY, columns: stream.columns, environment: process.env };
    return new Screen(stream, { width: textWidth(surface), paint: await paintOf(colorLevel(own.color, surface)) });
  }

  context(scene: Scene): TextContext {
    return { ...this.#context, scene };
  }

  get paint(): TextContext['paint'] {
    return this.#context.paint;
  }

  /** The columns that a line may take without the terminal breaking it. */
  get width(): number {
    return Math.min(this.#context.width, (this.#stream.columns ?? this.#context.width) - 1);
  }

  /** Lines that stay. */
  async lines(...lines: readonly string[]): Promise<void> {
    this.erase();
    if (lines.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#stream.write(`${lines.join('\n')}\n`, () => resolve());
    });
  }

  /** The last line of a terminal, until the next call. */
  draw(line: string): void {
    this.#stream.write(`\r${line}\u001b[K`);
    this.#drawn = true;
  }

  /** Takes away what was drawn. */
  erase(): void {
    if (this.#drawn) this.#stream.write('\r\u001b[K');
    this.#drawn = false;
  }
}
