import type { Answer, Host } from '../hosts/host.ts';
import { answer, noAnswer } from '../hosts/host.ts';
import { parsePostmasterPid } from '../postgres/postmaster-files.ts';

export interface StandbyToStart {
  readonly directory: string;
  /** pg_ctl of the release that runs the standby. */
  readonly pgCtl: string;
  /** What pg_ctl passes on to the server (`pg_ctl -o`). */
  readonly serverOptions: string | undefined;
  /** Debian's configuration outside of the data directory. */
  readonly configFile: string | undefined;
  readonly timeoutSeconds: number;
}

export interface StartedStandby {
  readonly pid: number;
  readonly port: number;
  readonly socketDirectory: string | undefined;
  readonly listenAddress: string | undefined;
  /** Where the server wrote until its own logging took over. */
  readonly logFile: string;
}

/**
 * Starts the server on the copy with pg_ctl and waits until it lets queries in (pg_ctl -w). When it does not start, what
 * it wrote to its log comes back as the problem: `Examine the log output` helps nobody at night.
 */
export async function startStandby(host: Host, standby: StandbyToStart): Promise<Answer<StartedStandby>> {
  const logFile = `${standby.directory}.start.log`;
  const options = [
    ...(standby.configFile === undefined ? [] : ['-c', `config_file=${standby.configFile}`]),
    ...(standby.serverOptions === undefined ? [] : [standby.serverOptions]),
  ].join(' ');
  const args = ['start', '-D', standby.directory, '-l', logFile, '-w', '-s', '-t', String(standby.timeoutSeconds)];
  const ran = await host.run(standby.pgCtl, options === '' ? args : [...args, '-o', options], {
    timeoutMs: (standby.timeoutSeconds + 5) * 1000,
  });
  if (!ran.ok) return ran;
  if (ran.value.exitCode !== 0) return noAnswer('NOSTART', (await tailOf(host, logFile)) ?? ran.value.stderr.trim());
  return postmasterOf(host, standby.directory, logFile);
}

async function postmasterOf(host: Host, directory: string, logFile: string): Promise<Answer<StartedStandby>> {
  const content = await host.read(`${directory}/postmaster.pid`);
  if (!content.ok) return content;
  const parsed = parsePostmasterPid(new TextDecoder().decode(content.value.bytes));
  if (!parsed.ok || parsed.value.port === null)
    return noAnswer('NOPID', `${directory}/postmaster.pid does not name the port of the server`);
  const { pid, port, socketDirectory, listenAddress } = parsed.value;
  return answer({
    pid,
    port,
    socketDirectory: socketDirectory ?? undefined,
    listenAddress: listenAddress ?? undefined,
    logFile,
  });
}

/** The last lines of the server's log: what it said before it gave up. */
async function tailOf(host: Host, logFile: string): Promise<string | undefined> {
  const status = await host.status(logFile, { followLinks: true });
  if (!status.ok) return undefined;
  const from = Math.max(0, status.value.sizeBytes - tailBytes);
  const content = await host.read(logFile, { from, maxBytes: tailBytes });
  const text = content.ok ? new TextDecoder().decode(content.value.bytes).trim() : '';
  return text === '' ? undefined : text;
}

const tailBytes = 4096;
