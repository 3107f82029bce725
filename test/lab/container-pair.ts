import { aDocker, anImage } from './docker.ts';
import type { Docker } from './docker.ts';
import { runStandbylint } from './standbylint.ts';
import type { StandbylintResult } from './standbylint.ts';
import { until } from './until.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** What the pair of the usual guide is made of. */
export const [image, network, primary, standby] = ['pg', 'pg-net', 'postgres-primary', 'postgres-standby'];
export const data = '/var/lib/postgresql/data';
export const password = 'Kept-to-itself-7';

/** The pair of the usual guide: two containers on one network, a volume each, an image like the official one; 10,003 rows. */
export interface ContainerPair {
  readonly here: Docker;
  /** How a container of that image is run. */
  readonly run: (name: string) => readonly string[];
  readonly psql: (name: string, statement: string) => Promise<string>;
  /** As postgres, in a container that runs. */
  readonly within: (name: string, command: string) => Promise<string>;
  /** As postgres where no other user is named, beside a container, with its volumes and its network. */
  readonly beside: (command: string, name?: string, user?: string) => Promise<string>;
  /** A base backup of the primary, by that container's image, into its volume. */
  readonly copyInto: (name: string, directory?: string) => Promise<string>;
  /** One more standby, created with these options and this command, and not started. */
  readonly create: (name: string, options?: readonly string[], command?: readonly string[]) => Promise<void>;
  readonly ended: (name: string) => Promise<unknown>;
  readonly look: (words: readonly string[]) => Promise<StandbylintResult>;
  readonly postmortem: (directory?: string, ...more: readonly string[]) => Promise<StandbylintResult>;
  readonly streams: (name?: string) => Promise<unknown>;
}

export async function aContainerPair(major: number, storage = {}): Promise<ContainerPair> {
  const here = await aDocker(storage);
  const mounts = await anImage(here, major, image);
  await here.docker('network', 'create', network);
  const run = (name: string): readonly string[] => [
    ...['run', '-d', '--name', name, '--network', network, '-e', `POSTGRES_PASSWORD=${password}`, ...mounts],
  ];
  const psql = async (name: string, statement: string): Promise<string> =>
    here.docker('exec', '-u', 'postgres', name, 'psql', '-XAtc', statement);
  const within = async (name: string, command: string): Promise<string> =>
    here.docker('exec', '-u', 'postgres', name, 'sh', '-c', command);
  const beside: ContainerPair['beside'] = async (command, name = standby, user = 'postgres') =>
    here.docker(
      ...['run', '--rm', '--volumes-from', name, '--network', network, '-u', user, '--entrypoint', 'sh'],
      ...[image, '-c', command],
    );
  const copyInto: ContainerPair['copyInto'] = async (name, directory = data) =>
    beside(
      `mkdir -p ${directory} && chmod 700 ${directory} && PGPASSWORD=${password} pg_basebackup -d 'host=${primary} user=replicator password=${password}' -D ${directory} -R -c fast`,
      name,
    );
  const create: ContainerPair['create'] = async (name, options = [], command = []) => {
    await here.docker('create', ...run(name).slice(2), ...options, image, ...command);
    await copyInto(name);
  };
  const ended: ContainerPair['ended'] = async (name) =>
    until('it has ended', async () =>
      (await here.docker('inspect', '-f', '{{.State.Running}}', name)) === 'false' ? true : null,
    );
  const look = (words: readonly string[]): Promise<StandbylintResult> =>
    runStandbylint(words, { user: null, env: { DOCKER_HOST: here.host }, timeoutMs: 200_000 });
  const postmortem: ContainerPair['postmortem'] = async (directory = `docker:${standby}`, ...more) => {
    const result = await look([
      'postmortem',
      '-D',
      directory,
      '--admin',
      adminOf(primary),
      '--format',
      'json',
      ...more,
    ]);
    expectValidReport(result.json);
    if (result.stdout.includes(password)) throw new Error('the password is shown');
    return result;
  };
  const streams = (name = standby): Promise<unknown> =>
    until(
      'the standby streams',
      async () =>
        (await psql(name, 'SELECT status FROM pg_stat_wal_receiver').catch(() => '')) === 'streaming' ? true : null,
      90_000,
    );

  await here.docker(...run(primary), image);
  await until('the primary answers', () => psql(primary, 'SELECT 1').catch(() => null), 30_000);
  await psql(primary, `CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${password}'`);
  await psql(primary, 'CREATE TABLE rows AS SELECT generate_series(1, 10003) AS n');
  await within(primary, `echo 'host replication replicator all scram-sha-256' >> ${data}/pg_hba.conf`);
  await psql(primary, 'SELECT pg_reload_conf()');
  // made, not started: its entrypoint would make a cluster of its own
  const labels = ['project=shop', 'service=db', 'oneoff=False'].flatMap((one) => [
    '--label',
    `com.docker.compose.${one}`,
  ]);
  await here.docker('create', '--restart', 'always', ...labels, ...run(standby).slice(2), image);
  const copy = `chmod 700 ${data} && PGPASSWORD=${password} pg_basebackup -d 'host=${primary} user=replicator password=${password}' -D ${data} -R -c fast -C -S standby`;
  await here.docker(
    ...['run', '--rm', '--volumes-from', standby, '--network', network, '-u', 'postgres', '--entrypoint', 'sh'],
    ...[image, '-c', copy],
  );
  await here.docker('start', standby);
  await streams();
  return { here, run, psql, within, beside, copyInto, create, ended, look, postmortem, streams };
}

export const adminOf = (host: string): string => `host=${host} user=postgres password=${password}`;

export type Json = StandbylintResult['json'];
