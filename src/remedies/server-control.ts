import { posix } from 'node:path';

import type { DebianClusterToBe, ServerControl } from '../facts/primary.ts';
import type { Side, Step } from '../findings/report.ts';
import { asRoot, manual, shell } from './remedy.ts';
import { shellWord } from './quoting.ts';

type PgCtl = Extract<ServerControl, { readonly kind: 'pg_ctl' }>;
type Container = Extract<ServerControl, { readonly kind: 'container' }>;

/**
 * How this server is restarted, as it runs: pg_ctl, Debian's pg_ctlcluster, a systemd unit, a container. The
 * command is for the operating-system user that owns the data directory.
 */
export function restart(on: Side, control: ServerControl): Step {
  switch (control.kind) {
    case 'pg_ctl':
      return byPgCtl(on, control, 'restart', '-w -m fast', []);
    case 'pg_ctlcluster':
      return shell(on, `pg_ctlcluster ${shellWord(control.version)} ${shellWord(control.cluster)} restart`, 'restart');
    case 'systemd':
      return forPerson(
        manual(on, `As root, restart the server's unit: systemctl restart ${shellWord(control.unit)}`),
        'restart',
      );
    case 'container':
      return inContainer(on, control, 'restart');
    case 'unknown':
      return forPerson(manual(on, 'Restart the PostgreSQL server.'), 'restart');
  }
}

/**
 * How this server is started, with the options that it had last. Not for a server that runs: `restart` is. `settings`:
 * values that this one start alone has.
 */
export function start(on: Side, control: ServerControl, settings: Readonly<Record<string, string>> = {}): Step {
  const only = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const once = only.length === 0 ? '' : `, this once with ${only.join(' ')}`;
  switch (control.kind) {
    case 'pg_ctl':
      return control.toBeCreated !== undefined && once === ''
        ? created(on, control.dataDirectory, control.toBeCreated)
        : byPgCtl(on, control, 'start', '-w', only);
    case 'pg_ctlcluster': {
      const options = only.map((option) => ` -o ${shellWord(option)}`).join('');
      return shell(
        on,
        `pg_ctlcluster ${shellWord(control.version)} ${shellWord(control.cluster)} start${options}`,
        'start',
      );
    }
    case 'systemd':
      return once === ''
        ? forPerson(manual(on, `As root, start the server's unit: systemctl start ${shellWord(control.unit)}`), 'start')
        : startedOnce(on, `Start the server by hand with pg_ctl${once}.`);
    case 'container':
      return once === ''
        ? inContainer(on, control, 'start')
        : startedOnce(on, `Start the container of the server${once}.`);
    case 'unknown':
      return once === ''
        ? forPerson(manual(on, 'Start the PostgreSQL server.'), 'start')
        : startedOnce(on, `Start the PostgreSQL server${once}.`);
  }
}

/** It moves the configuration files to /etc/postgresql, and ends where one is missing (postgresql-common: pg_createcluster). */
function created(on: Side, dataDirectory: string, { version, cluster, lacksIdent }: DebianClusterToBe): Step {
  const directory = shellWord(dataDirectory);
  const first = lacksIdent ? `touch ${shellWord(posix.join(dataDirectory, 'pg_ident.conf'))} && ` : '';
  const command = `${first}pg_createcluster -d ${directory} --start ${version} ${shellWord(cluster)}`;
  return asRoot(on, command, 'start', dataDirectory);
}

/** How this server is stopped, cleanly and without waiting for its clients. */
export function stop(on: Side, control: ServerControl): Step {
  switch (control.kind) {
    case 'pg_ctl':
      return shell(
        on,
        `${program(control.binDirectory, 'pg_ctl')} stop -D ${shellWord(control.dataDirectory)} -w -m fast`,
        'stop',
        control.dataDirectory,
      );
    case 'pg_ctlcluster':
      return shell(on, `pg_ctlcluster ${shellWord(control.version)} ${shellWord(control.cluster)} stop`, 'stop');
    case 'systemd':
      return forPerson(
        manual(on, `As root, stop the server's unit: systemctl stop ${shellWord(control.unit)}`),
        'stop',
      );
    case 'container':
      return forPerson(manual(on, 'Stop the server in its container before the data directory is changed.'), 'stop');
    case 'unknown':
      return forPerson(manual(on, 'Stop the PostgreSQL server.'), 'stop');
  }
}

/**
 * A start by pg_ctl always has a log file: the server would keep the terminal or the pipe that it was started from for all
 * its life.
 *
 * pg_ctl puts the directory and the log between double quotes into the command of a shell, and reads the options of a
 * restart out of postmaster.opts into the same place (pg_ctl.c, start_postmaster and read_post_opts, 13 to 18). What a
 * shell would take for its own there goes another way: the directory by PGDATA, the log by a name within it, and the options
 * by -o, which postmaster.opts is not read beside.
 */
function byPgCtl(on: Side, control: PgCtl, act: 'start' | 'restart', how: string, only: readonly string[]): Step {
  const { dataDirectory, binDirectory, configDirectory = dataDirectory, options = [] } = control;
  const inDirectory = posix.join(dataDirectory, 'server.log');
  const log = control.log === undefined || isForShell(control.log) ? inDirectory : control.log;
  if (binDirectory !== undefined && isForShell(binDirectory))
    return forPerson(
      manual(
        on,
        `pg_ctl hands ${binDirectory} to a shell, which would run a part of it. ${act === 'start' ? 'Start' : 'Restart'} the server by running its postgres program on ${dataDirectory}.`,
      ),
      act,
    );
  // postmaster.c, CreateDataDirLockFile(): the path is a line of postmaster.pid, and pg_ctl waits for what is in the next ones
  if (/[\r\n]/u.test(dataDirectory))
    return forPerson(
      manual(
        on,
        `Rename ${shellWord(dataDirectory)}, and ${act} the server there: pg_ctl does not find a server in a directory with a line break in its name.`,
      ),
      act,
    );
  const hidden = isForShell(dataDirectory) || isForShell(configDirectory);
  // pg_ctl gives -o to a shell of its own
  const words = [...options.map(shellWord), ...only].join(' ');
  // without -o a restart takes the options of the last start; with it, even an empty one, those that it names
  const isOther = control.changed === true;
  const given = act === 'start' ? words !== '' : isOther || hidden || options.some(isForShell);
  const tail = `${how} -l ${hidden ? 'server.log' : shellWord(log)}${given ? ` -o ${shellWord(words)}` : ''}`;
  const pgCtl = program(binDirectory, 'pg_ctl');
  // -D of a restart names the server, and that of its start is read out of postmaster.opts
  const directory = shellWord(act === 'start' || given ? configDirectory : dataDirectory);
  const text = hidden
    ? `cd ${shellWord(dataDirectory)} && PGDATA=${directory} ${pgCtl} ${act} ${tail}`
    : `${pgCtl} ${act} -D ${directory} ${tail}`;
  return shell(on, text, act, dataDirectory, hidden ? inDirectory : log);
}

/** Special between double quotes (POSIX, Shell Command Language, 2.2.3). */
const isForShell = (word: string): boolean => /[$`"\\]/u.test(word);

function inContainer(on: Side, { name, volume, dataDirectory }: Container, act: 'start' | 'restart'): Step {
  if (name !== undefined) return asRoot(on, `docker ${act} ${shellWord(name)}`, act, dataDirectory);
  const what = act === 'start' ? 'Start' : 'Restart';
  const text =
    volume === undefined
      ? `${what} the container of the server.`
      : `${what} the container that uses the volume ${volume}: docker ps -a --filter ${shellWord(`volume=${volume}`)} shows its name for docker ${act}.`;
  return forPerson(manual(on, text), act);
}

const forPerson = (step: Step, does: 'start' | 'restart' | 'stop'): Step => ({ ...step, does });

const startedOnce = (on: Side, text: string): Step => ({ ...forPerson(manual(on, text), 'start'), once: true });

/** The folder of the programs that run this server, where it is known. */
export function binDirectoryOf(control: ServerControl): string | undefined {
  if (control.kind === 'pg_ctl') return control.binDirectory;
  // postgresql-common keeps each release there
  return control.kind === 'pg_ctlcluster' ? `/usr/lib/postgresql/${control.version}/bin` : undefined;
}

/** A program of the release that the server runs, by its whole path where that is known. */
export const program = (binDirectory: string | undefined, name: string): string =>
  binDirectory === undefined ? name : shellWord(`${binDirectory}/${name}`);
