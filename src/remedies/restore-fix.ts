import { posix } from 'node:path';

import { majorOf } from '../derived/in-force.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Archive, PgBackRestArchive } from '../facts/standby-wal.ts';
import type { Step } from '../findings/report.ts';
import type { RestoreWords } from '../postgres/log/restore-words.ts';
import { mask } from '../postgres/secret.ts';
import { changeOnStandby, restartStandby } from './standby-setting.ts';
import type { StandbySeen } from './standby-setting.ts';
import { editFile } from './edit-file.ts';
import { shellWord } from './quoting.ts';
import { manual, shell } from './remedy.ts';

/** What is wrong with what restore_command reads from, and the steps that fix it. */
export interface RestoreFix {
  /** A clause: `/srv/repository, the repository of its configuration, does not exist`. */
  readonly because: string | undefined;
  /** The same in a few words. */
  readonly title?: string;
  readonly summary: string;
  readonly steps: readonly Step[];
}

/**
 * What pgBackRest or Barman needs. The server runs the command again every few seconds: where it runs, no start is needed.
 * `words` are what the program said, where the log has them; `asked` is a segment to try with.
 */
export function restoreFix(
  seen: StandbySeen,
  archive: Archive,
  words: RestoreWords | undefined,
  asked: string,
): RestoreFix {
  const { pgBackRest } = archive;
  const starts =
    ifSeen(seen.dataDirectory)?.postmaster?.process === 'running' ? [] : [restartStandby(seen.standbyControl)];
  const fix =
    pgBackRest === undefined
      ? (ofDirectory(archive) ?? ofCode(namedIn(archive.command), words))
      : ofPgBackRest(seen, archive, pgBackRest, words);
  if (fix !== undefined)
    return {
      ...fix,
      // a changed setting brings the reload or the start along
      steps: fix.steps.some(({ does }) => ['reload', 'start', 'restart'].includes(does))
        ? fix.steps
        : [...fix.steps, ...starts],
    };
  const isOfSsh = /ssh/u.test(words?.error ?? '');
  const by = isOfSsh
    ? "Log in to the Barman host by ssh as the server's user, as restore_command does, without a password and a question, and fix what it reports."
    : `Run restore_command as the server's user, with %f replaced by ${asked} and %p by a path in /tmp, and fix what it reports.`;
  return {
    because: undefined,
    summary: 'Fix what restore_command reports.',
    steps: [manual('standby', by), ...starts],
  };
}

/** The directory that a plain copy reads from. */
function ofDirectory({ directory = '', unreachable }: Archive): RestoreFix | undefined {
  if (unreachable === undefined) return undefined;
  const { why, path } = unreachable;
  return why === 'missing'
    ? {
        because: `${path}${path === directory ? '' : `, above ${directory}`}, where restore_command reads the WAL, does not exist on this machine`,
        title: 'The directory that restore_command reads does not exist',
        summary: 'Make the archive available, or correct the path in restore_command.',
        steps: [
          manual(
            'standby',
            `Mount the archive at ${directory}, or set restore_command to where it is (archive_command of the primary shows where the primary writes it).`,
          ),
        ],
      }
    : {
        because:
          path === directory
            ? `the user that runs the server may not read ${directory}, where restore_command reads the WAL`
            : `the user that runs the server may list ${directory}, where restore_command reads the WAL, but may not read ${path}`,
        title:
          path === directory
            ? 'restore_command may not read its directory'
            : 'restore_command may not read the files of its archive',
        summary: "Let the server's user read the archive.",
        steps: [
          manual(
            'standby',
            `As root, or as the owner of ${directory}: let the user that runs the server read it and what is in it (namei -l ${shellWord(path)} shows the owner and mode of it and of its parent directories).`,
          ),
        ],
      };
}

function ofPgBackRest(
  seen: StandbySeen,
  { command }: Archive,
  tool: PgBackRestArchive,
  words: RestoreWords | undefined,
): RestoreFix | undefined {
  const { configuration, stanza, stanzas, repository, state, dataDirectory, dataDirectoryLine, written } = tool;
  const own = ifSeen(seen.dataDirectory)?.path;
  const [only, ...more] = stanzas;
  if (stanza !== undefined && only !== undefined && more.length === 0 && only !== stanza)
    return {
      because: `${configuration} has no section for stanza ${stanza}, only for ${only}`,
      title: 'restore_command names a stanza that pgBackRest does not know',
      summary: 'Name the right stanza in restore_command.',
      steps: withOption(seen, command, `--stanza=${stanza}`, `--stanza=${only}`),
    };
  if (state === 'missing' && repository !== undefined)
    return {
      because: `the repository of ${configuration}, ${repository}, does not exist on this machine`,
      title: 'pgBackRest does not find its repository',
      summary: 'Lead pgBackRest to its repository.',
      steps: [
        manual(
          'standby',
          `Mount the repository at ${repository}, or set repo1-path in ${configuration} to where it is (the pgbackrest.conf of the primary tells; repo1-host, where it is on another host).`,
        ),
      ],
    };
  if (state === 'without-stanza' && repository !== undefined && stanza !== undefined)
    return {
      because: `the repository ${repository} has no archive of stanza ${stanza}`,
      title: 'pgBackRest finds no archive of the stanza',
      summary: 'Lead pgBackRest to the repository and the stanza that the primary archives to.',
      steps: [
        manual(
          'standby',
          `Compare repo1-path and the stanza in ${configuration} with those of the primary's archive_command and pgbackrest.conf. Where they are the same, the primary has never archived: pgbackrest --stanza=${stanza} stanza-create there.`,
        ),
      ],
    };
  if (state === 'closed' && tool.closed !== undefined)
    return {
      because: `the user that runs the server may not read ${tool.closed}`,
      title: 'pgBackRest may not read its repository',
      summary: "Let the server's user read the repository.",
      steps: [
        manual(
          'standby',
          `As root, or as the owner of ${tool.closed}: let the user that runs the server read it and what is in it (the owner and mode of it and of its parent directories: namei -l ${shellWord(tool.closed)}).`,
        ),
      ],
    };
  const byCode = ofCode(tool, words);
  if (byCode !== undefined) return byCode;
  const cipher = ofCipher(tool, words);
  if (cipher !== undefined) return cipher;
  const isOfPath = /^\[0(?:73|32|37)\]/u.test(words?.error ?? '') || words === undefined;
  if (isOfPath && own !== undefined && dataDirectory !== undefined && posix.resolve(dataDirectory) !== own)
    return {
      because: `pg1-path is ${dataDirectory}, and the data directory is ${own}`,
      title: 'pg1-path in pgbackrest.conf is another directory',
      summary: 'Correct pg1-path.',
      steps:
        dataDirectoryLine === undefined
          ? withOption(seen, command, `--pg1-path=${dataDirectory}`, `--pg1-path=${own}`)
          : written === undefined
            ? [
                manual(
                  'standby',
                  `As root, or as the owner of ${configuration}: make line ${dataDirectoryLine} pg1-path=${own}.`,
                ),
              ]
            : [
                editFile(
                  'standby',
                  { file: configuration, now: seen.now, written },
                  { act: 'replace', line: dataDirectoryLine, becomes: [`pg1-path=${own}`] },
                ),
              ],
    };
  return undefined;
}

/** Where the configuration could not be read; pgBackRest looks there without the option. */
const namedIn = (command: string): Pick<PgBackRestArchive, 'configuration' | 'stanza'> => ({
  configuration: /--config[= ]["']?([^\s"']+)/u.exec(command)?.[1] ?? '/etc/pgbackrest/pgbackrest.conf',
  stanza: /--stanza[= ]["']?([^\s"']+)/u.exec(command)?.[1],
});

/** What pgBackRest itself says is wrong, by the number of its error (src/build/error/error.yaml). */
function ofCode(
  { configuration, stanza = 'STANZA' }: Pick<PgBackRestArchive, 'configuration' | 'stanza'>,
  words: RestoreWords | undefined,
): RestoreFix | undefined {
  const [, code, message = ''] = /^\[(\d+)\]: (.*)$/su.exec(words?.error ?? '') ?? [];
  if (code === '062') {
    const forAll = message.includes('all stanzas');
    return {
      because: `pgBackRest was stopped by hand (pgbackrest stop): its ${message}`,
      title: 'pgBackRest is stopped on this machine',
      summary: 'Start pgBackRest again, once the work that it was stopped for is done.',
      steps: [
        shell(
          'standby',
          `pgbackrest --config=${shellWord(configuration)}${forAll ? '' : ` --stanza=${shellWord(stanza)}`} start`,
          'run',
        ),
      ],
    };
  }
  const [, path] =
    /^unable to (?:open|create|write|read|list)[^']*'([^']+)'.*\[13\] Permission denied/su.exec(message) ?? [];
  if (path !== undefined)
    return {
      because: `the user that runs the server may not use ${path}`,
      title: `pgBackRest may not use ${path}`,
      summary: "Let the server's user use it.",
      steps: [
        manual(
          'standby',
          `As root, or as the owner: let the user that runs the server read ${path}, and write it where pgBackRest creates it (its owner and mode, and those of its parent directories: namei -l ${shellWord(path)}).`,
        ),
      ],
    };
  const [, host] =
    /remote-\d+ process on '([^']+)'.*ssh: Could not resolve hostname/su.exec(`${words?.because ?? ''} ${message}`) ??
    [];
  if (host !== undefined)
    return {
      because: `${host}, the repository host of ${configuration}, has no address on this machine`,
      title: 'The host of the pgBackRest repository does not resolve',
      summary: 'Correct the name of the repository host.',
      steps: [
        manual(
          'standby',
          `Correct repo1-host in ${configuration} (the pgbackrest.conf of the primary tells), or let ${host} resolve here (getent hosts ${shellWord(host)}).`,
        ),
      ],
    };
  return undefined;
}

/** The repository is encrypted, or not, and its configuration says otherwise; or has the passphrase of another one. */
function ofCipher(tool: PgBackRestArchive, words: RestoreWords | undefined): RestoreFix | undefined {
  const { configuration, repository = '', encrypted, isCipherText } = tool;
  const title = 'pgBackRest cannot decrypt its repository';
  if (hasOtherCipher(tool))
    return encrypted
      ? {
          because: `the repository ${repository} is not encrypted, but ${configuration} has repo1-cipher-type`,
          title: 'pgBackRest expects an encrypted repository',
          summary: 'Read the repository as it is.',
          steps: [
            manual(
              'standby',
              `Take repo1-cipher-type and repo1-cipher-pass out of ${configuration}, or correct repo1-path, if another repository is meant.`,
            ),
          ],
        }
      : {
          because: `the repository ${repository} is encrypted, but ${configuration} has no repo1-cipher-type`,
          title,
          summary: 'Give pgBackRest the passphrase.',
          steps: [manual('standby', asOnPrimary(configuration, 'repo1-cipher-type and repo1-cipher-pass'))],
        };
  // what is decrypted with another passphrase is no text, or does not end as it should (src/common/ini.c, cipherBlock.c)
  const isGarbage = /outside of section|unable to flush|cipher|decrypt/iu.test(
    `${words?.because ?? ''} ${words?.error ?? ''}`,
  );
  return isCipherText === true && isGarbage
    ? {
        because: `repo1-cipher-pass in ${configuration} is not the passphrase of the repository ${repository}`,
        title,
        summary: 'Give pgBackRest the right passphrase.',
        steps: [manual('standby', asOnPrimary(configuration, 'repo1-cipher-pass'))],
      }
    : undefined;
}

const asOnPrimary = (configuration: string, options: string): string =>
  `Write ${options} in ${configuration} as in the pgbackrest.conf of the primary. The server asks the repository again by itself.`;

/** The repository is not as its configuration says, whatever is in the log. */
export const hasOtherCipher = ({
  encrypted,
  isCipherText,
}: Pick<PgBackRestArchive, 'encrypted' | 'isCipherText'>): boolean =>
  isCipherText !== undefined && isCipherText !== encrypted;

/** restore_command with another option; what is masked in it nobody but its owner can write. */
function withOption(seen: StandbySeen, command: string, was: string, becomes: string): readonly Step[] {
  // PostgreSQL 14 made it a setting that a reload changes
  const at = (majorOf(seen) ?? 13) >= 14 ? 'reload' : 'restart';
  return command.includes(was) && !command.includes(mask)
    ? changeOnStandby(seen, { restore_command: command.replace(was, () => becomes) }, at)
    : [manual('standby', `Write ${becomes} instead of ${was} in restore_command.`), ...changeOnStandby(seen, {}, at)];
}
