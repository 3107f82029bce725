import { formatNames } from '../../report/formats.ts';
import type { FormatName } from '../../report/formats.ts';
import { didYouMean } from './did-you-mean.ts';
import { shownWord } from './shown-word.ts';
import { UsageError } from '../usage-error.ts';

/** One `--format NAME[=FILE]`. */
export interface Output<Name extends string = FormatName> {
  readonly format: Name;
  /** Undefined: standard output. */
  readonly file: string | undefined;
}

/** What is printed where no `--format` is given. */
const usual: readonly Output[] = [{ format: 'stylish', file: undefined }];

export const outputOption = {
  long: 'format',
  value: 'NAME[=FILE]',
  help: `the format of the report, on standard output or in FILE; may be repeated, each with its own FILE: ${formatNames.join(', ')} (default stylish)`,
} as const;

/** Below the options of every command that reports. */
export const outputNotes = [
  'With --format nagios on standard output, the exit status is that of a plugin, whatever --fail-on says: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also for a usage error). With --format nagios=FILE it stays as below.',
  'A FILE is replaced as a whole when the report is complete. If every --format names a FILE, nothing is printed. With --format github, the job summary is added to the file of GITHUB_STEP_SUMMARY.',
] as const;

/** The output that a value of `--format` asks for; undefined where it names no format of ours. */
export const outputOf = (value: string): Output | undefined => outputAmong(value, formatNames);

function outputAmong<Name extends string>(value: string, names: readonly Name[]): Output<Name> | undefined {
  const at = value.indexOf('=');
  const name = at === -1 ? value : value.slice(0, at);
  const format = names.find((one) => one === name);
  return format && { format, file: at === -1 ? undefined : value.slice(at + 1) };
}

/** All outputs of a call. Throws a {@link UsageError} for a name that is none, and for two that would overwrite each other. */
export const readOutputs = (values: readonly string[]): readonly Output[] =>
  values.length === 0 ? usual : outputsAmong(values, formatNames);

/** The same with the formats of another report. */
export function outputsAmong<Name extends string>(
  values: readonly string[],
  names: readonly Name[],
): readonly Output<Name>[] {
  const outputs = values.map((value) => {
    const output = outputAmong(value, names);
    if (output === undefined) throw unknownFormat(value, names);
    if (output.file === '')
      throw new UsageError(`--format ${output.format}= names no file.`, `Write --format ${output.format}=FILE.`);
    return output;
  });
  const places = outputs.map(({ file }) => file);
  const twice = places.find((file, at) => places.indexOf(file) !== at);
  if (new Set(places).size === places.length) return outputs;
  const clashing = outputs.filter(({ file }) => file === twice).map(({ format }) => format);
  const last = clashing.at(-1) ?? 'json';
  throw new UsageError(
    `--format ${clashing.join(' and ')} would both write to ${twice === undefined ? 'standard output' : shownWord(twice)}.`,
    `Give each a file of its own, for example --format ${last}=FILE.`,
  );
}

function unknownFormat(value: string, names: readonly string[]): UsageError {
  const [name = ''] = value.split('=');
  return new UsageError(
    `--format takes ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}, not "${shownWord(name)}".`,
    didYouMean(name, names) ?? 'For example: --format json, or --format json=report.json for a file.',
  );
}

/** What goes to standard output. */
export const printedFormat = <Name extends string>(outputs: readonly Output<Name>[]): Name | undefined =>
  outputs.find(({ file }) => file === undefined)?.format;

/** Standard output is read by a person: what happens may be told there while it happens. */
export const isForPeople = (outputs: readonly Output[]): boolean => printedFormat(outputs) === 'stylish';
