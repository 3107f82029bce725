import type { TextContext } from '../report/finding-text.ts';

/** Where the story of a copy is told while it happens. The last line of a terminal may be drawn again and again. */
export interface CopyScreen {
  readonly isTty: boolean;
  readonly paint: TextContext['paint'];
  /** The columns that a line may take without the terminal breaking it. */
  readonly width: number;
  /** Lines that stay. */
  lines(...lines: readonly string[]): Promise<void>;
  /** The last line of a terminal, until the next call. */
  draw(line: string): void;
  erase(): void;
}
