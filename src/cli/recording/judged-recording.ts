import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import { errorCode } from '../../hosts/local-answers.ts';
import { policyFacts } from '../../checks/policy.ts';
import { diagnosisOf, factsNeeded } from '../../diagnosis/diagnose.ts';
import type { Policy } from '../../findings/policy.ts';
import type { Report, Severity } from '../../findings/report.ts';
import { readFactsFile } from '../../recording/facts-file.ts';
import { withLaterFacts } from '../../recording/recording.ts';
import type { Recording } from '../../recording/recording.ts';
import type { AnyRule } from '../../rules/rule.ts';
import { findConfiguration } from '../configuration/find.ts';
import { policyOf } from '../configuration/policy.ts';
import { chosenTarget, configurationOf } from '../configuration/resolve.ts';
import type { ColorChoice } from '../options/own-options.ts';
import { publicReport } from '../output/report-output.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';

export interface AnalyzeCall {
  readonly files: readonly string[];
  readonly config: string | undefined;
  readonly target: string | undefined;
  /** A fleet's report of an earlier time. */
  readonly since: string | undefined;
  readonly format: readonly string[];
  readonly failOn: Severity;
  readonly acceptUnexamined: readonly string[];
  readonly full: boolean;
  readonly color: ColorChoice;
}

/** The report that the look of this file would have given. */
export async function judged(file: string, call: AnalyzeCall): Promise<Judged> {
  const recording = await recordingIn(file);
  const { policy: before, ...looked } = recording;
  const { subject, place, machine } = looked;
  const rules = await rulesFor(subject);
  const policy = await policyFor(call, recording);
  const needed = withLaterFacts(recording, factsNeeded(rules, subject.command));
  const facts = policy === before ? needed : { ...needed, ...policyFacts(policy) };
  const { acceptUnexamined } = call;
  const { report } = diagnosisOf(rules, { ...looked, facts }, { version, acceptUnexamined, policy });
  return { report: publicReport(report, facts, place, machine), subject, facts, place };
}

interface Judged extends Pick<Recording, 'subject' | 'place'> {
  readonly report: Report;
  readonly facts: Recording['facts'];
}

/** That of the configuration here; where there is none, that of the look. */
async function policyFor(
  call: Pick<AnalyzeCall, 'config' | 'target'>,
  { policy, subject }: Recording,
): Promise<Policy | undefined> {
  const { target } = call;
  const configuration = await configurationFor(call);
  const named =
    target === undefined
      ? policy?.target
      : chosenTarget(target, subject.command === 'postmortem' ? 'postmortem' : 'preflight', configuration);
  return configuration.file === null ? policy : policyOf(configuration, named ?? undefined);
}

/** Read once for a call, however many files it judges. */
async function configurationFor(call: Pick<AnalyzeCall, 'config'>): ReturnType<typeof configurationOf> {
  const found = read.get(call) ?? configurationOf(call.config, findConfiguration());
  read.set(call, found);
  return found;
}

const read = new WeakMap<Pick<AnalyzeCall, 'config'>, ReturnType<typeof configurationOf>>();

async function rulesFor({ command }: Recording['subject']): Promise<readonly AnyRule[]> {
  const { rulesOfCopies, rulesOfStandbys } = await import('../../rules/catalogue.ts');
  return command === 'postmortem' ? rulesOfStandbys : rulesOfCopies;
}

async function recordingIn(file: string): Promise<Recording> {
  const name = file === '-' ? 'standard input' : file;
  const bytes =
    file === '-'
      ? await bytesOf(process.stdin, name)
      : ((await plainFile(file)) ?? (await bytesOf(createReadStream(file), name)));
  const read = readFactsFile(bytes);
  if (read.ok) return read.recording;
  throw new UsageError(`${name} ${read.problem}.`, read.hint);
}

/** Larger than any packed file of facts. */
const largest = 64 * 1024 ** 2;

/** At once, which takes a fraction of what a stream does; undefined for what is no plain file, or too large, or cannot be read. */
async function plainFile(file: string): Promise<Uint8Array | undefined> {
  try {
    const found = await stat(file);
    return found.isFile() && found.size <= largest ? await readFile(file) : undefined;
  } catch {
    return undefined;
  }
}

async function bytesOf(stream: Readable, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes: Uint8Array = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
      chunks.push(bytes);
      size += bytes.length;
      if (size > largest) break;
    }
  } catch (error) {
    const code = errorCode(error) ?? '';
    throw new UsageError(
      `${name} could not be read: ${reasons[code] ?? String(error)}.`,
      code === 'ENOENT'
        ? 'Give a file that "standbylint collect … -o FILE" wrote, or - for standard input.'
        : undefined,
    );
  }
  if (size > largest)
    throw new UsageError(`${name} is not a file of facts: it is larger than ${largest / 1024 ** 2} MB.`);
  return Buffer.concat(chunks);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};
