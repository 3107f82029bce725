/** When something was in the log. `position` orders what has no time. */
export interface Moment {
  readonly time: Date | undefined;
  /** The line, counted from where the reading began. */
  readonly line: number;
  /** The how-manieth record of the summary. */
  readonly position: number;
}
