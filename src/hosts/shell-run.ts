import { answer, noAnswer } from './host.ts';
import type { Answer, Ran, RunOptions } from './host.ts';
import type { ShellChannel } from './shell-channel.ts';
import { word } from './shell-word.ts';

/**
 * Runs a program there, never as root where another user is named. Values stand in the script that the shell reads, and
 * in no list of processes; timeout(1) ends the program where that is there, and the channel ends its shell where it is not.
 */
export async function runThere(
  channel: ShellChannel,
  program: string,
  args: readonly string[],
  { account, timeoutMs = 5_000, environment = {}, alone, input, maxOutputBytes = 4 * 1024 * 1024, signal }: RunOptions,
): Promise<Answer<Ran>> {
  if (signal?.aborted === true) return noAnswer('ECANCELED', `${program} was not run: the examination was interrupted`);
  const given = Object.entries(environment).map(([name, value]) => `${name}=${word(value)}; export ${name}`);
  const words = [program, ...args].map(word).join(' ');
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  const script = [
    'sl_t=$(command -v timeout 2>/dev/null)',
    `sl_p=$(command -v ${word(program)} 2>/dev/null) || { echo ${notThere} >&2; exit 127; }`,
    account === undefined ? 'as() { "$@"; }' : asAccount(account),
    // a shell keeps what may not be unset
    alone === true
      ? String.raw`for v in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do unset "$v" 2>/dev/null; done`
      : ':',
    ...given,
    `${input === undefined ? '' : `printf %s ${word(input)} | `}as \${sl_t:+"$sl_t"} \${sl_t:+${seconds}} "$sl_p" ${args.map(word).join(' ')}`,
  ].join('\n');
  const since = Date.now();
  const ran = await channel.ask(script, timeoutMs + graceMs);
  if (!ran.ok) return ran;
  const { status, out, err } = ran.value;
  if (status === 127 && err === notThere) return noAnswer('ENOENT', `${program} is not there`);
  if (status === 126 && err === noWayToBe)
    return noAnswer('ENOTSUP', 'no program is there that runs one as another user');
  if (status === 126) return noAnswer('EACCES', `${program} may not be run by this user`);
  // busybox tells of the signal
  const late = status === 124 || (status === 143 && Date.now() - since >= timeoutMs);
  if (late) return noAnswer('ETIMEDOUT', `${program} did not end within ${timeoutMs / 1000} s`);
  if (out.length > maxOutputBytes) return noAnswer('EMSGSIZE', `${words} printed more than ${maxOutputBytes} bytes`);
  return answer({ exitCode: status, stdout: out.toString(), stderr: err });
}

/**
 * Each drops the other groups as well: setpriv is Debian's, gosu and su-exec are in images, perl is on most machines. su is
 * everywhere, wants a user that has a name, and gives it the groups that it has.
 */
function asAccount({ uid, gid }: NonNullable<RunOptions['account']>): string {
  const perl =
    '$) = "$ARGV[0] $ARGV[0]"; $( = $ARGV[0]; $< = $> = $ARGV[1]; splice @ARGV, 0, 2; exec { $ARGV[0] } @ARGV; exit 127';
  const ways = [
    ['setpriv', `--reuid=${uid} --regid=${gid} --clear-groups`],
    ['gosu', `${uid}:${gid}`],
    ['su-exec', `${uid}:${gid}`],
    ['perl', `-e ${word(perl)} ${gid} ${uid}`],
  ];
  return [
    'cd /; sl_as=',
    ...ways.map(
      // that of busybox does not change the user
      ([name, words]) =>
        `[ -n "$sl_as" ] || { sl_as=$(command -v ${name}) && "$sl_as" ${words} true 2>/dev/null && as() { "$sl_as" ${words} "$@"; } || sl_as=; }`,
    ),
    `[ -n "$sl_as" ] || { sl_n=$(sed -n '/^[^:]*:[^:]*:${uid}:${gid}:/{s/:.*//p;q;}' /etc/passwd); [ -n "$sl_n" ] && sl_as=$(command -v su) && "$sl_as" -s /bin/sh "$sl_n" -c true 2>/dev/null && as() { "$sl_as" -s /bin/sh -c 'exec "$@"' -- "$sl_n" sh "$@"; } || sl_as=; }`,
    `[ -n "$sl_as" ] || { echo ${noWayToBe} >&2; exit 126; }`,
  ].join('\n');
}

const graceMs = 2_000;
const notThere = 'standbylint-not-there';
const noWayToBe = 'standbylint-no-other-user';
