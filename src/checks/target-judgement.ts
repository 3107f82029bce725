import { posix } from 'node:path';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Facts } from '../facts/facts.ts';
import type { TargetJudgement } from '../facts/server-judgement.ts';
import { accountNamed } from '../hosts/account-named.ts';
import type { Account, Host } from '../hosts/host.ts';
import type { Configuration, SettingAssignment } from '../postgres/configuration.ts';
import { configurationValue } from '../postgres/conninfo-format.ts';
import type { CommandLineSetting } from '../postgres/postmaster-files.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { judgedConfiguration } from './server-judgement/judged.ts';
import { standbyServer } from './standby-server.ts';
import { noCopyIsMade } from './subject.ts';

/**
 * Whether a server of this machine would start on the configuration that it will find: this machine's own, or the
 * primary's, whose settings are put into a scratch file. What may hold a secret is left out: no hook judges it.
 */
export const targetJudgementCheck = defineCheck({
  brings: ['targetJudgement'],
  after: ['preparedConfiguration', 'fileSettings', 'primaryPaths', 'primary', 'clientTools', 'operatingSystemUser'],
  async look(facts, surroundings) {
    const { subject, host } = surroundings;
    if (subject.command === 'postmortem') return { targetJudgement: noCopyIsMade };
    const found = configurationToJudge(facts);
    if (found.status !== 'seen') return { targetJudgement: found };
    const server = standbyServer(facts.clientTools, facts.primary, notApplicable('no directory is there yet'));
    if (server.status !== 'seen') return { targetJudgement: server };
    const owner = await accountFor(host, ifSeen(facts.operatingSystemUser)?.serverUser);
    if (owner === undefined)
      return {
        targetJudgement: unseen('permission', 'the server program was not asked: it does not run as root'),
      };
    const program = posix.join(server.value.binDirectory, 'postgres');
    return { targetJudgement: await judged({ ...found.value, program, owner }, surroundings) };
  },
});

interface ToJudge {
  readonly from: TargetJudgement['from'];
  readonly configFile: string | undefined;
  readonly places: TargetJudgement['places'];
}

function configurationToJudge({
  preparedConfiguration,
  fileSettings,
  primaryPaths,
  primary,
}: Pick<Facts, 'preparedConfiguration' | 'fileSettings' | 'primaryPaths' | 'primary'>): Observed<ToJudge> {
  const prepared = ifSeen(preparedConfiguration);
  if (prepared !== undefined)
    return seen({ from: 'prepared', configFile: prepared.file, places: prepared.settings }, prepared.file);
  if (ifSeen(primary)?.sameMachine === true)
    return notApplicable('the primary runs on this machine with the same settings');
  const paths = ifSeen(primaryPaths);
  if (paths !== undefined && !paths.configFile.startsWith(`${paths.dataDirectory}/`))
    return notApplicable(`the primary keeps ${paths.configFile} outside of what is copied`);
  if (fileSettings.status !== 'seen') return fileSettings;
  // the last one of a name counts, as for the server
  const places = new Map(
    fileSettings.value.map(({ name, value, file, line }) => [name.toLowerCase(), { value, file, line }]),
  );
  return seen({ from: 'copied', configFile: undefined, places }, fileSettings.source);
}

/** Root hands it to the user that will run the server. */
async function accountFor(host: Host, serverUser: string | undefined): Promise<Account | undefined> {
  if (host.account.uid !== 0) return host.account;
  const account = serverUser === undefined ? undefined : await accountNamed(host, serverUser);
  return account === undefined || account.uid === 0 ? undefined : account;
}

async function judged(
  { from, configFile, places, program, owner }: ToJudge & { readonly program: string; readonly owner: Account },
  { host, timeoutMs, signal }: Surroundings,
): Promise<Observed<TargetJudgement>> {
  const lines = [...places].filter(([name, { value }]) => isShown(name, value));
  const text = lines.map(([name, { value }]) => `${name} = ${configurationValue(value)}\n`).join('');
  const files = new Map(configFile === undefined ? [['postgresql.conf', Buffer.from(text)]] : []);
  const ran = await host.withScratch({ owner, files, links: new Map() }, (directory) =>
    judgedConfiguration(host, {
      program,
      owner,
      dataDirectory: directory,
      configFile: configFile ?? posix.join(directory, 'postgresql.conf'),
      commandLine: noCommandLine,
      configuration: configurationOf(lines),
      timeoutMs,
      signal,
    }),
  );
  if (!ran.ok) return unseen('tool', `the server program was not asked: ${ran.problem.message}`);
  const judgement = ran.value;
  return judgement.status === 'seen' ? seen({ ...judgement.value, from, places }, judgement.source) : judgement;
}

const noCommandLine: readonly CommandLineSetting[] = [];

/** data_directory and the like name places of the other machine, at which nothing is looked here. */
const isShown = (name: string, value: string): boolean =>
  !/conninfo|_command$|passphrase|\.|^(?:data_directory|config_file|hba_file|ident_file)$/u.test(name) &&
  !value.includes('***');

function configurationOf(
  lines: readonly (readonly [string, { readonly value: string; readonly file: string; readonly line: number }])[],
): Configuration {
  const assignments = lines.map(([name, { value, file, line }]): SettingAssignment => ({
    name,
    value,
    source: { kind: 'file', file, line },
  }));
  return {
    settings: new Map(assignments.map((one) => [one.name, { ...one, overridden: [] }])),
    assignments,
    faults: [],
    filesRead: [],
    skipped: [],
  };
}
