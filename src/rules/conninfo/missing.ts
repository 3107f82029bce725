import { posix } from 'node:path';

import { ifSeen, seen } from '../../facts/observed.ts';
import type { FactTypes, JudgedFacts } from '../../facts/facts.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Evidence, Remedy, Step } from '../../findings/report.ts';
import type { StandbyConninfo, StraySetting } from '../../facts/standby-configuration.ts';
import { formatConninfo } from '../../postgres/conninfo-format.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { addPassfileLine } from '../../remedies/passfile-line.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { disruptive, manual, safe, shell } from '../../remedies/remedy.ts';
import { changeOnStandby, startWithout } from '../../remedies/standby-setting.ts';
import { commentOut } from '../../remedies/comment-out.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';
import type { Fault } from '../../findings/judgement.ts';
import { majorOf } from '../../derived/in-force.ts';
import { standbyByItsFiles } from '../../derived/meant-as-standby.ts';
import { allOf } from '../../findings/sentence.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { replacedBy, replacedFacts } from '../../derived/replaced-primary.ts';
import { skippedSettings } from '../../derived/skipped-settings.ts';
import { knownPrimary } from '../../derived/known-primary.ts';
import type { KnownPrimary } from '../../derived/known-primary.ts';

const needs = ['standbyConninfo', 'standbyConfiguration', 'dataDirectory', 'now'] as const;
const wants = [
  'adminServer',
  'controlFile',
  'standbyServerUser',
  'standbyControl',
  'runningStandby',
  'serverFiles',
  ...replacedFacts,
] as const;
type Facts = JudgedFacts<(typeof needs)[number], (typeof wants)[number]>;

export const conninfoMissing = defineRule({
  id: 'conninfo/missing',
  title: 'primary_conninfo is not set',
  severity: 'error',
  commands: ['postmortem'],
  needs,
  wants,
  explains: [...notStreaming],
  messages: ['neither-conninfo-nor-restore'],
  docs: {
    what: 'Fails when a signal file exists, or the directory is that of a standby all the same (a base backup that no server has run on, or its pg_control), and neither primary_conninfo nor restore_command is set, when restore_command reads a folder of the data directory (barman_wal, which `barman recover` fills once), or when an empty value overrides the primary_conninfo that is set. It also looks for primary_conninfo in the signal file and in configuration files that nothing includes.',
    why: 'The standby does not know where to get WAL from: it only reads files that appear in its pg_wal.',
    notes:
      'The server never reads the content of standby.signal: settings in it, as in recovery.conf before PostgreSQL 12, have no effect. A standby with only restore_command uses its archive, which is not a fault.',
    references: [
      'Setting Up a Standby Server: https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-SERVER-SETUP',
      'src/backend/access/transam/xlogrecovery.c: readRecoverySignalFile(), validateRecoveryParameters()',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, standbyConfiguration, dataDirectory } = facts;
    const { standby, recovery } = dataDirectory.signals;
    if (conninfo.text !== undefined) return pass(`primary_conninfo is set (${conninfo.file ?? 'on the command line'})`);
    const restore = standbyConfiguration.files.settings.get('restore_command');
    const [, within] = ofDataDirectory.exec(restore?.value ?? '') ?? [];
    if (restore !== undefined && within !== undefined && standby) {
      const folder = posix.join(dataDirectory.path, within);
      return fail({
        title: 'primary_conninfo is not set, and restore_command reads no archive',
        message: `restore_command reads ${folder}, which is a folder of the data directory itself${within === 'barman_wal' ? ': barman recover put the WAL there that its backup needs (without --get-wal)' : ''}. Nothing new arrives there, so the standby stays where it is.`,
        where: at('standby', undefined, configFileOf(restore.source) ?? standbyConfiguration.configFile),
        ...connected(facts, [
          evidence('primary_conninfo', 'not set', standbyConfiguration.configFile),
          evidence('restore_command', restore.value, folder),
        ]),
      });
    }
    if (restore !== undefined && restore.value !== '')
      return notApplicable('restore_command is set: this standby uses an archive');
    const skipped = skippedSettings(facts.serverFiles);
    if (skipped !== undefined) return notApplicable(`the server cannot read ${skipped.path}, see standby/files-closed`);
    const is =
      standby || recovery
        ? 'contains a signal file'
        : (standbyByItsFiles(dataDirectory, ifSeen(facts.controlFile)) ?? wasReplaced(facts));
    if (is === undefined) return notApplicable('there is no signal file, so this is not configured as a standby');
    const { configFile, files, strays } = standbyConfiguration;
    const read = files.filesRead.length === 0 ? configFile : files.filesRead.join(', ');
    const notSet = [
      evidence('primary_conninfo', 'not set', configFile),
      evidence('restore_command', 'not set', configFile),
    ];
    const stray = strays.findLast(({ name, value }) => name === 'primary_conninfo' && value !== '');
    if (stray !== undefined) {
      const { file, line, value } = stray;
      const name = posix.basename(file);
      return fail({
        title: `primary_conninfo is in ${name}, which the server does not read`,
        message: `Line ${line} of ${file} sets primary_conninfo, but the server does not read ${name.endsWith('.signal') ? 'the content of a signal file' : 'that file'}: it reads ${read}. The standby has nowhere to get WAL from.`,
        where: at('standby', undefined, file, line),
        evidence: [...notSet, evidence(`line ${line} of ${name}`, `primary_conninfo = ${value}`, file)],
        remedy: moved(facts, stray),
      });
    }
    const beaten = conninfo.overridden.findLast(({ text }) => text !== '');
    if (beaten !== undefined) return fail(emptied(facts, beaten));
    return fail({
      message: `${dataDirectory.path} ${is}, but neither primary_conninfo nor restore_command is set in ${read}: the standby has nowhere to get WAL from.`,
      where: at('standby', undefined, configFile),
      ...connected(facts, notSet),
    });
  },
});

/** The old primary after a failover, which standby/signal-missing makes a standby. */
const wasReplaced = (facts: Facts): string | undefined =>
  facts.dataDirectory.postmaster?.process !== 'running' && replacedBy(facts)?.named === true
    ? 'was the primary until another one was promoted'
    : undefined;

/** The server runs the command in its data directory: a path that does not begin with `/` is in there. */
const ofDataDirectory = /(?:^|\s)["']?(?:\.\/)?([A-Za-z0-9_][\w.-]*)\/%f/u;

const configFileOf = (source: { readonly kind: string; readonly file?: string }): string | undefined => source.file;

/** It is set, and an empty value that is read later takes it away. */
function emptied(facts: Facts, { text, file, line }: StandbyConninfo['overridden'][number]): Fault {
  const { standbyConninfo: conninfo, standbyControl, now } = facts;
  const [empty, beaten] = [placeOf(conninfo), placeOf({ file, line })];
  const fault = {
    title: 'An empty primary_conninfo overrides the one that is set',
    message: `primary_conninfo is set in ${beaten}, but an empty value in ${empty} is read later and applies: the standby has nowhere to get WAL from.`,
    where: whereItStands(conninfo),
    evidence: [evidence('applies', '(empty)', empty), evidence('overridden', text, beaten)],
  };
  const seenNow = { ...facts, ...asSeen(facts) };
  if (conninfo.file !== undefined)
    return {
      ...fault,
      remedy: safe(
        'Comment out the empty value, and reload.',
        ...commentOut([{ file: conninfo.file, line: conninfo.line ?? 1 }], conninfo.written, now),
        ...changeOnStandby(seenNow, {}, 'reload'),
      ),
    };
  return {
    ...fault,
    remedy: disruptive(
      'Start the server without the empty primary_conninfo on its command line.',
      ...startWithout('primary_conninfo', standbyControl),
    ),
  };
}

/** Its lines are copied to where they are read: a password in them is neither shown nor lost. */
function moved(facts: Facts, stray: StraySetting): Remedy {
  const { dataDirectory, now, standbyConfiguration } = facts;
  const autoConf = posix.join(dataDirectory.path, 'postgresql.auto.conf');
  const lines = standbyConfiguration.strays.filter(
    ({ file, name }) => file === stray.file && isUnset(standbyConfiguration, name),
  );
  const to = shellWord(autoConf);
  const names = lines.map(({ name }) => name);
  const listed = allOf(names);
  const copying = shell(
    'standby',
    `cp -p ${to} ${shellWord(backupName(autoConf, now))} &&\n{ echo; sed -n ${lines.map(({ line }) => `-e ${line}p`).join(' ')} ${shellWord(stray.file)}; echo; } >> ${to}`,
    'edit-file',
    autoConf,
  );
  const major = majorOf({ ...facts, ...asSeen(facts) }) ?? 13;
  const when = names.includes('restore_command') && major < 14 ? 'restart' : 'reload';
  return safe(
    `Copy ${listed} to postgresql.auto.conf, which the server reads.`,
    copying,
    ...changeOnStandby({ ...facts, ...asSeen(facts) }, {}, when),
  );
}

const isUnset = ({ files }: Facts['standbyConfiguration'], name: string): boolean =>
  (files.settings.get(name)?.value ?? '') === '';

/** With the primary of --admin the line can be given in full. */
function connected(facts: Facts, notSet: readonly Evidence[]): { evidence: readonly Evidence[]; remedy: Remedy } {
  const { dataDirectory } = facts;
  const primary = knownPrimary(facts);
  // a base backup leaves a manifest or its label: a primary that was given a signal file has neither
  const wasCopy =
    dataDirectory.backupLabel !== undefined ||
    dataDirectory.backupLabelOld !== undefined ||
    dataDirectory.manifest !== 'absent';
  const orPrimary =
    wasCopy || ifSeen(facts.runningStandby)?.inRecovery !== true
      ? ''
      : ' Or, if this server is the primary, and the signal file was put there by mistake, run SELECT pg_promote(); on it: nothing shows that its directory was made by pg_basebackup.';
  const standsStill = dataDirectory.postmaster?.process !== 'running';
  if (primary === undefined)
    return {
      evidence: notSet,
      remedy: safe(
        'Set primary_conninfo.',
        manual(
          'standby',
          `Append to ${dataDirectory.path}/postgresql.auto.conf: primary_conninfo = 'host=PRIMARY port=5432 user=ROLE', with the primary's address and its replication role${standsStill ? '' : ', and reload the standby'}; the password belongs in the password file of ${dataDirectory.owner.name}.${ifSeen(facts.adminServer) === undefined ? ' With --admin CONNINFO, a superuser connection to the primary, standbylint finds both.' : ''}${orPrimary}`,
        ),
      ),
    };
  const { host, port, role, methods } = primary;
  const asked = methods.some((method) => asksForPassword.has(method));
  const passfile = asked ? passfileOf(facts) : undefined;
  const values = { host, port: String(port), user: role, ...(passfile === undefined ? {} : { passfile }) };
  return {
    evidence: [
      ...notSet,
      evidence('the primary', `${host}, port ${port}`, 'the --admin login'),
      evidence('its replication role', role, 'pg_roles'),
    ],
    remedy: safe(
      `Set primary_conninfo to the primary at ${host}, port ${port}, and its role "${role}".`,
      ...(passfile === undefined ? [] : [passwordLine(facts, passfile, primary)]),
      ...changeOnStandby({ ...facts, ...asSeen(facts) }, { primary_conninfo: formatConninfo(values) }, 'reload'),
    ),
  };
}

const asksForPassword: ReadonlySet<string> = new Set(['scram-sha-256', 'md5', 'password']);

/** The server's user may have no home, or one that is lost with a container beside: then beside the data, where only that user may look. */
function passfileOf({ standbyServerUser, dataDirectory }: Facts): string {
  const { home, homeIsLost } = ifSeen(standbyServerUser) ?? {};
  return posix.join(home === undefined || homeIsLost === true ? dataDirectory.path : home, '.pgpass');
}

function passwordLine({ now }: Facts, path: string, { host, port, role }: KnownPrimary): Step {
  const entry = { host, port, isSocket: host.startsWith('/'), user: role };
  return addPassfileLine('standby', { path, pathSource: path, state: { kind: 'not-asked' } }, entry, now);
}

function asSeen({ dataDirectory, standbyConfiguration }: Facts): {
  readonly dataDirectory: Observed<FactTypes['dataDirectory']>;
  readonly standbyConfiguration: Observed<FactTypes['standbyConfiguration']>;
} {
  return {
    dataDirectory: seen(dataDirectory, dataDirectory.path),
    standbyConfiguration: seen(standbyConfiguration, standbyConfiguration.configFile),
  };
}
