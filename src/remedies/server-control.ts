import type { ServerControl } from '../facts/primary.ts';
import type { Side, Step } from '../facts/report.ts';
import { manual, shell } from './remedy.ts';
import { shellWord } from './quoting.ts';

/**
 * How this server is restarted, as it is really run: pg_ctl, Debian's pg_ctlcluster, a systemd unit, a container. The
 * command is for the operating-system user that owns the data directory.
 */
export function restart(on: Side, control: ServerControl): Step {
  switch (control.kind) {
    case 'pg_ctl':
      // without its own environment the program may not be on PATH: the folder that the server runs from is exact
      return shell(
        on,
        `${program(control.binDirectory, 'pg_ctl')} restart -D ${shellWord(control.dataDirectory)} -w -m fast`,
      );
    case 'pg_ctlcluster':
      return shell(on, `pg_ctlcluster ${shellWord(control.version)} ${shellWord(control.cluster)} restart`);
    case 'systemd':
      return manual(on, `As root, restart the server's unit: systemctl restart ${shellWord(control.unit)}`);
    case 'container':
      return manual(on, 'Restart the container that the server runs in.');
    case 'unknown':
      return manual(on, 'Restart the PostgreSQL server.');
  }
}

/**
 * How this server is started, with the options that it had last. Not for a server that runs: `restart` is. pg_ctl gets a
 * log file, or the server would write to the terminal that it was started from for all its life. `settings`: values that
 * this one start alone has.
 */
export function start(on: Side, control: ServerControl, settings: Readonly<Record<string, string>> = {}): Step {
  const only = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const once = only.length === 0 ? '' : `, this once with ${only.join(' ')}`;
  switch (control.kind) {
    case 'pg_ctl': {
      const log = shellWord(`${control.dataDirectory}/server.log`);
      // pg_ctl gives -o to a shell of its own (pg_ctl.c, start_postmaster)
      const words = [...(control.options ?? []).map(shellWord), ...only].join(' ');
      const options = words === '' ? '' : ` -o ${shellWord(words)}`;
      return shell(
        on,
        `${program(control.binDirectory, 'pg_ctl')} start -D ${shellWord(control.configDirectory ?? control.dataDirectory)} -w -l ${log}${options}`,
      );
    }
    case 'pg_ctlcluster': {
      const options = only.map((option) => ` -o ${shellWord(option)}`).join('');
      return shell(on, `pg_ctlcluster ${shellWord(control.version)} ${shellWord(control.cluster)} start${options}`);
    }
    case 'systemd':
      return manual(
        on,
        once === ''
          ? `As root, start the server's unit: systemctl start ${shellWord(control.unit)}`
          : `Start the server by hand with pg_ctl${once}.`,
      );
    case 'container':
      return manual(on, `Start the container that the server runs in${once}.`);
    case 'unknown':
      return manual(on, `Start the PostgreSQL server${once}.`);
  }
}

/** How this server is stopped, cleanly and without waiting for its clients. */
export function stop(on: Side, control: ServerControl): Step {
  switch (control.kind) {
    case 'pg_ctl':
      return shell(
        on,
        `${program(control.binDirectory, 'pg_ctl')} stop -D ${shellWord(control.dataDirectory)} -w -m fast`,
      );
    case 'pg_ctlcluster':
      return shell(on, `pg_ctlcluster ${shellWord(control.version)} ${shellWord(control.cluster)} stop`);
    case 'systemd':
      return manual(on, `As root, stop the server's unit: systemctl stop ${shellWord(control.unit)}`);
    case 'container':
      return manual(on, 'Stop the server in its container, so that the data directory can be worked on.');
    case 'unknown':
      return manual(on, 'Stop the PostgreSQL server.');
  }
}

/** The folder of the programs that run this server, where it is known. */
export function binDirectoryOf(control: ServerControl): string | undefined {
  if (control.kind === 'pg_ctl') return control.binDirectory;
  // postgresql-common keeps each release there
  return control.kind === 'pg_ctlcluster' ? `/usr/lib/postgresql/${control.version}/bin` : undefined;
}

/** A program of the release that the server runs, by its whole path where that is known. */
export const program = (binDirectory: string | undefined, name: string): string =>
  binDirectory === undefined ? name : shellWord(`${binDirectory}/${name}`);
