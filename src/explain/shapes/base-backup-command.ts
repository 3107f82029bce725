import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { ownBaseBackup } from '../next-commands.ts';

const inContainer = /\bdocker\b|\bcompose\b|\bcontainers?\b|\bpods?\b|\bpodman\b/iu;

/** What runs again with each start of a container. */
const atEachStart = /docker|compose|\bcontainer|entrypoint|\bcommand:|^[^\S\n]*until\b/imu;

export function baseBackupCommand(text: string): Explanation | undefined {
  const command = ownBaseBackup(text);
  if (command === undefined) return undefined;
  const has = (pattern: RegExp): boolean => pattern.test(` ${command} `);
  const plain = !has(/ (?:-F ?t|--format[ =]t)/u);
  return shape({
    text: command.replace('standbylint preflight ', ''),
    means: 'This is a command line of pg_basebackup.',
    candidates: [
      ...(has(/ (?:-z|-Z ?[1-9]|--gzip|--compress[ =](?!server-|none|0)) ?/u) && plain
        ? [
            finding(
              '-z and -Z do not go with the plain format: only tar backups are compressed here (15 and later: --compress=server-gzip).',
              'command/options-conflict',
            ),
          ]
        : []),
      ...(has(/ (?:-S|--slot[ =])/u) && has(/ (?:-X ?[fn]|--wal-method[ =][fn])/u)
        ? [finding('-S needs -X stream.', 'command/options-conflict')]
        : []),
      ...(has(/ (?:-S|--slot[ =])/u) && has(/ --no-slot /u)
        ? [finding('-S and --no-slot contradict each other.', 'command/options-conflict')]
        : []),
      ...(has(/ --waldir[ =]/u) && !plain
        ? [finding('--waldir goes with the plain format only.', 'command/options-conflict')]
        : []),
      ...(has(/ (?:-D ?-|--pgdata[ =]-) /u) && !has(/ (?:-X ?[fn]|--wal-method[ =][fn])/u)
        ? [finding('To standard output (-D -), WAL cannot be streamed: use -X fetch.', 'command/options-conflict')]
        : []),
      ...(has(/ (?:-C|--create-slot) /u) && !has(/ (?:-S|--slot[ =])/u)
        ? [finding('-C needs a slot name: -S <slot>.', 'command/options-conflict')]
        : []),
      ...(has(/ (?:-C|--create-slot) /u) && has(/ (?:-S|--slot[ =])/u) && atEachStart.test(text)
        ? [
            finding(
              'A container or script that runs this at each start fails at the second: the slot (and the directory) exist already. Run it only on an empty directory ([ -s "$PGDATA/PG_VERSION" ] || pg_basebackup …), and after an attempt that failed without -C.',
              'slot/exists-already',
            ),
          ]
        : []),
      ...(has(/ (?:-X ?n(?:one)?|--wal-method[ =]n)/u)
        ? [finding('-X none leaves out the WAL without which the copy cannot start.', 'command/wal-not-included')]
        : []),
      ...(has(/ (?:-x|--xlog(?:-method)?)(?:[ =])/u) && !ofOldRelease.test(text)
        ? [
            finding(
              '-x, --xlog and --xlog-method are the names of releases before 10: use -X stream (--wal-method=stream).',
              'command/options-conflict',
            ),
          ]
        : []),
      ...(has(/ (?:-[a-zA-Z]*R|--write-recovery-conf) ?/u) || ofTool.test(text)
        ? []
        : [
            finding(
              'Without -R neither standby.signal nor primary_conninfo is written: the server would start as a primary.',
            ),
          ]),
      ...(asRoot.test(text) || (startsAfterCopy.test(text) && /\broot\b/u.test(text))
        ? [
            finding(
              'Run with sudo or by root, the files belong to root, and no server starts on them: sudo -u postgres pg_basebackup … (in an image of a container: gosu postgres pg_basebackup …).',
              'target/run-as-root',
            ),
          ]
        : []),
      ...(has(/ (?:-h ?|--host[ =]|[^ ]*\bhost=)(?:localhost|127\.0\.0\.1)\b/u) && inContainer.test(text)
        ? [
            finding(
              'In a container, localhost is the container itself, where no server runs yet: -h with the name of the service (or container) of the primary, and its port inside the network (5432).',
              'network/connection-refused',
            ),
          ]
        : []),
      ...startedElsewhere(command, text),
      ...(has(/ (?:-D|--pgdata[ =])/u) ? [] : [finding('The target directory (-D) is missing.')]),
    ],
    where: 'to check it against the servers, without copying anything',
    command: command.replace(/ (?:-x|--xlog)(?= |$)/u, ' -X stream').replace(' --xlog-method', ' --wal-method'),
  });
}

/** The server is of a release before 10; one that it was used with before is not meant. */
const ofOldRelease =
  /(?<!\b(?:on|in|with|under) (?:postgres\w* |pg )?)\b9\.[0-6]\b(?!.{0,20}\b(?:it )?(?:worked|was))/iu;

/** The directory that the service's own settings name is another one than the copy's. */
function startedElsewhere(command: string, text: string): readonly Finding[] {
  const target = / (?:-D ?|--pgdata[ =])["']?(\/[^\s"']*[^\s"'/])/u.exec(command)?.[1];
  const started =
    /\b(?:Environment=PGDATA=|data_directory\s*=\s*'|ExecStart=\S*(?:postgres|pg_ctl|postmaster)\b[^\n]*? -D ?)["']?(\/[^\s"']*[^\s"'/])/u.exec(
      text,
    )?.[1];
  return target === undefined || started === undefined || started === target
    ? []
    : [
        finding(
          `The copy goes to ${target}, and the service starts the server in ${started}: that is another cluster, an ordinary primary. Set PGDATA of the service to ${target} (systemctl edit), or copy into ${started}.`,
          'standby/signal-missing',
        ),
      ];
}

/** They write standby.signal and primary_conninfo themselves. */
const ofTool = /repmgr base backup|\brepmgr\b|\bpatroni\b|\bpg_autoctl\b|\bstolon\b/iu;

/** What an entrypoint runs as root, unless it changes the user. */
const startsAfterCopy = /\bpg_basebackup\b[^\n]*&& *(?:exec +)?(?:\S*\/)?postgres +-D/u;

const asRoot =
  /(?:^|[\s$#])(?:sudo\s+(?!-|su\b)(?:\S*\/)?pg_basebackup\b|(?:\[?root@[^\n#]*#|^#) (?:\S*\/)?pg_basebackup\b)/mu;
