import { posix } from 'node:path';

import type { Refusal, ServerJudgement } from '../../facts/server-judgement.ts';
import { seen, unseen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Answer, Host, Ran } from '../../hosts/host.ts';
import { configurationRefusals } from '../../postgres/configuration-refusals.ts';
import type { ConfigurationMessage } from '../../postgres/configuration-refusals.ts';
import { runAsOwner } from './run-as-owner.ts';
import { settingsOfMessage } from './settings-of-message.ts';
import type { Judging } from './run-as-owner.ts';

/**
 * `postgres -C`, twice. Of a plain setting it prints the value as soon as the files are read and touches nothing of the
 * data directory but them (postmaster.c: right behind SelectConfigFiles). Of a setting that is computed at run time
 * (15 and later) it first checks what settings ask of each other, writes postmaster.pid, reads pg_control and loads
 * shared_preload_libraries: this is done in a scratch directory with a copy of pg_control, never in the data directory.
 */
export async function judgedConfiguration(host: Host, judging: Judging): Promise<Observed<ServerJudgement>> {
  const { program } = judging;
  const first = await ask(host, judging, 'port', judging.dataDirectory);
  if (!first.ok) return notAsked(first.problem.message);
  const messages = first.value.exitCode === 0 ? [] : configurationRefusals(first.value.stderr);
  if (first.value.exitCode !== 0) {
    if (messages.length === 0)
      return notAsked(`${program} ended with status ${first.value.exitCode} and did not say why`);
    const refused = await Promise.all(messages.map((message) => refusal(host, judging, message)));
    return seen(
      { program, refused, stoppedEarly: messages.some((one) => one.isOfFiles), sharedMemory: undefined },
      source(program),
    );
  }
  const second = await inScratch(host, judging);
  const accepted = { program, refused: [], stoppedEarly: false, sharedMemory: undefined };
  if (!second?.ok) return seen(accepted, source(program));
  const megabytes = /^(\d+)\s*$/u.exec(second.value.stdout)?.[1];
  if (second.value.exitCode === 0 && megabytes !== undefined) {
    const sharedMemory = { bytes: Number(megabytes) * 1024 * 1024, source: `${program} -C shared_memory_size` };
    return seen({ ...accepted, sharedMemory }, source(program));
  }
  const refused = configurationRefusals(second.value.stderr).filter(({ text }) => !ofThisPlace.test(text));
  return seen(
    { ...accepted, refused: await Promise.all(refused.map((message) => refusal(host, judging, message))) },
    source(program),
  );
}

const source = (program: string): string => `${program} -C`;
const notAsked = (because: string): Observed<never> => unseen('tool', `the server program was not asked: ${because}`);

/** What the scratch directory itself, or a release before 15, is the reason of. */
const ofThisPlace =
  /unrecognized configuration parameter|data directory|lock file|control file|pg_control|postmaster\.pid/u;

/** Undefined where the directory has no control file to copy. */
async function inScratch(host: Host, judging: Judging): Promise<Answer<Ran> | undefined> {
  const { dataDirectory } = judging;
  const files = new Map<string, Uint8Array>();
  for (const name of ['PG_VERSION', 'global/pg_control']) {
    const content = await host.read(posix.join(dataDirectory, name), { maxBytes: 8_192 });
    if (!content.ok) return undefined;
    files.set(name, content.value.bytes);
  }
  // by a link: passwords stay where they are
  const links = new Map([['postgresql.auto.conf', posix.join(dataDirectory, 'postgresql.auto.conf')]]);
  const ran = await host.withScratch({ owner: judging.owner, files, links }, (directory) =>
    ask(host, judging, 'shared_memory_size', directory, ['data_directory=' + directory, 'ssl=off']),
  );
  return ran.ok ? ran.value : ran;
}

/** The command line of the last start counts as the server's own would; where it speaks is ours to say. */
function ask(
  host: Host,
  { program, owner, configFile, commandLine, timeoutMs, signal }: Judging,
  setting: string,
  directory: string,
  more: readonly string[] = [],
): Promise<Answer<Ran>> {
  const own = commandLine
    .filter(({ name }) => name !== 'config_file' && name !== 'data_directory' && !toldHere.has(name))
    .map(({ name, value }) => `${name}=${value}`);
  const settings = [...own, `config_file=${configFile}`, ...speaking, ...more];
  const args = ['-C', setting, '-D', directory, ...settings.flatMap((one) => ['-c', one])];
  return runAsOwner(host, owner, program, args, { timeoutMs, signal });
}

/** In English, on standard error, and in a form that can be read, whatever the files say of it. */
const speaking = [
  'lc_messages=C',
  'log_destination=stderr',
  'logging_collector=off',
  'log_line_prefix=',
  'log_error_verbosity=default',
];
const toldHere = new Set(speaking.map((one) => one.slice(0, one.indexOf('='))));

async function refusal(host: Host, judging: Judging, message: ConfigurationMessage): Promise<Refusal> {
  const { more, file, line } = message;
  const text = withoutValue(message);
  return {
    words: more === '' ? text : `${text} (${more})`,
    settings: await settingsOfMessage(host, judging, message),
    ...(file === undefined || line === undefined ? {} : { file, line }),
  };
}

/** A line that does not parse may be cut in the middle of a password, and a setting of an extension may hold one. */
const withoutValue = ({ text, name }: ConfigurationMessage): string =>
  name?.includes('.') === true
    ? text.replace(/(parameter "[^"]+": )".*"/su, '$1"***"')
    : text.replace(/(syntax error in file ".*" line \d+).*$/su, '$1');
