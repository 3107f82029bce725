import type { Answer, Host } from '../../hosts/host.ts';
import { answer, noAnswer } from '../../hosts/host.ts';
import { parsePostmasterPid } from '../../postgres/postmaster-files.ts';
import type { StartPlan } from './commands.ts';

export interface StartedStandby {
  readonly pid: number;
  readonly port: number;
  readonly socketDirectory: string | undefined;
  readonly listenAddress: string | undefined;
  /** Where the server's log stood when it was started: what lies before is of another life. */
  readonly log: LogPosition;
}

export interface LogPosition {
  readonly file: string;
  readonly from: number;
}

export interface NotStarted {
  readonly interrupted: boolean;
  /** What pg_ctl said, or why it could not be run. */
  readonly message: string;
  /** What the server wrote: `Examine the log output` helps nobody at night. */
  readonly log: string | undefined;
}

/**
 * Starts the server on the copy and waits until it lets queries in (pg_ctl -w). A server that takes longer and runs is
 * started all the same: whether it streams is seen afterwards. An interrupt reaches pg_ctl, which stops what it started.
 */
export async function startStandby(
  host: Host,
  directory: string,
  { start, logFile }: StartPlan,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly value: StartedStandby } | { readonly ok: false; readonly why: NotStarted }> {
  const before = await host.status(logFile, { followLinks: true });
  const log = { file: logFile, from: before.ok ? before.value.sizeBytes : 0 };
  let said = '';
  const hear = (text: string): void => {
    said = `${said}${text}`.slice(-4000);
  };
  const running = host.start(start.program, start.args, {
    // the server would inherit it, stream with it, and no longer do so after its next start by anybody else
    environment: { PGPASSWORD: '' },
    onStdout: hear,
    onStderr: hear,
  });
  const passOn = (): void => running.interrupt('SIGINT');
  signal.addEventListener('abort', passOn, { once: true });
  if (signal.aborted) passOn();
  const ended = await running.ended;
  signal.removeEventListener('abort', passOn);

  const postmaster = await postmasterOf(host, directory);
  if (postmaster.ok && !signal.aborted) return { ok: true, value: { ...postmaster.value, log } };
  const message = ended.ok ? said.trim() : ended.problem.message;
  return { ok: false, why: { interrupted: signal.aborted, message, log: await endOfLog(host, log) } };
}

/** A postmaster.pid whose process runs: a file that a crash left behind is no server. */
export async function postmasterOf(host: Host, directory: string): Promise<Answer<Omit<StartedStandby, 'log'>>> {
  const content = await host.read(`${directory}/postmaster.pid`);
  if (!content.ok) return content;
  const parsed = parsePostmasterPid(new TextDecoder().decode(content.value.bytes));
  if (!parsed.ok || parsed.value.port === null)
    return noAnswer('NOPID', `${directory}/postmaster.pid does not name the port of the server`);
  const { pid, port, socketDirectory, listenAddress } = parsed.value;
  const process = await host.processStatus(pid);
  if (!process.ok) return process;
  return answer({
    pid,
    port,
    socketDirectory: socketDirectory ?? undefined,
    listenAddress: listenAddress ?? undefined,
  });
}

/** The end of what the server wrote since it was started; undefined when that is nothing. */
export async function endOfLog(host: Host, { file, from }: LogPosition): Promise<string | undefined> {
  const status = await host.status(file, { followLinks: true });
  if (!status.ok) return undefined;
  const start = Math.max(from, status.value.sizeBytes - tailBytes);
  const content = await host.read(file, { from: start, maxBytes: tailBytes });
  const text = content.ok ? new TextDecoder().decode(content.value.bytes).trim() : '';
  return text === '' ? undefined : text;
}

const tailBytes = 32 * 1024;

/**
 * Where the server logs once it runs: with logging_collector the file that current_logfiles names
 * (syslogger.c, update_metainfo_datafile), else where its output goes.
 */
export async function currentLog(host: Host, directory: string, startup: LogPosition): Promise<LogPosition> {
  const content = await host.read(`${directory}/current_logfiles`);
  const lines = content.ok ? new TextDecoder().decode(content.value.bytes).split('\n') : [];
  const name = (lines.find((line) => line.startsWith('stderr ')) ?? lines[0])?.split(' ').slice(1).join(' ') ?? '';
  if (name === '') return startup;
  return { file: name.startsWith('/') ? name : `${directory}/${name}`, from: 0 };
}
