import type { Severity } from '../../findings/report.ts';
import type { TargetCommand, ThresholdName } from './keys.ts';

export type OptionValue = string | number | boolean | readonly string[];
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** standbylint.config.json, as schemas/config.json describes it. */
export interface Configuration {
  readonly options?: OptionValues;
  readonly targets?: Readonly<Record<string, { readonly command: TargetCommand } & OptionValues>>;
  readonly severity?: Readonly<Record<string, Severity>>;
  readonly thresholds?: Readonly<Partial<Record<ThresholdName, number | string>>>;
  readonly ignore?: readonly string[];
  readonly accepted?: readonly {
    readonly rule: string;
    readonly subject: string;
    readonly reason: string;
    readonly until: string;
    readonly target?: string;
  }[];
}
