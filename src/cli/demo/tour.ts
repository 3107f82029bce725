import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { verifyCopy } from '../../clone/basebackup/verify.ts';
import type { Release } from '../../throwaway/releases.ts';
import { ThrowawayServer } from '../../throwaway/throwaway-server.ts';
import type { Step } from '../../findings/report.ts';
import { localHost } from '../../hosts/local.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { stylish } from '../../report/stylish.ts';
import { readBaseBackupCall } from '../options/base-backup-options.ts';
import { clone } from '../clone/clone.ts';
import { evidenceText } from '../../report/finding-text.ts';
import { examine } from '../examination/examination.ts';
import type { CommandSurroundings } from '../command.ts';
import { sceneOf } from '../output/scene.ts';
import type { Screen } from '../terminal/screen.ts';
import { lookedAt, Story, tell } from './story.ts';
import type { Looked } from './story.ts';

export interface TourOptions extends CommandSurroundings {
  readonly release: Release;
  /** As whom it goes on where it was started by root. */
  readonly user: string | undefined;
  readonly screen: Screen;
}

/** Tells and does the whole tour; whatever happens, the servers and their folders are gone at the end. */
export async function tour(options: TourOptions): Promise<void> {
  const startedAt = performance.now();
  const { release, user, screen, signal } = options;
  await screen.lines('', screen.paint.strong('  standbylint demo'));
  const runs = user === undefined ? '' : ` PostgreSQL refuses to run as root, so all of it runs as ${user}.`;
  await tell(
    screen,
    `A primary of PostgreSQL ${release.version} will be created in a temporary directory, broken three times, fixed as the report says, and copied to a standby. No other server is touched, and nothing is left behind.${runs}`,
  );
  const primary = await ThrowawayServer.create({
    release,
    // what everybody has: clients may log in with a password
    hba: [...clients, replication],
    settings: { wal_keep_size: '256MB', password_encryption: 'scram-sha-256' },
  });
  process.chdir(primary.folder);
  try {
    const standby = await ThrowawayServer.reserve({ release });
    try {
      await new Tour(options, primary, standby).run();
      signal.throwIfAborted();
    } finally {
      await standby.dispose();
    }
  } finally {
    process.chdir('/');
    await primary.dispose();
  }
  await tell(
    screen,
    `Both servers are stopped and their directories are removed. This took ${Math.round((performance.now() - startedAt) / 1000)} s.`,
  );
  await screen.lines(
    '',
    '  Next, put "standbylint preflight" before your own pg_basebackup command line:',
    '',
    `    ${screen.paint.prompt('standby$')} standbylint preflight pg_basebackup -h db1 -U replicator -D /data -X stream -R`,
    '',
  );
}

const clients = ['host all all 127.0.0.1/32 scram-sha-256'];
const replication = 'host replication replicator 127.0.0.1/32 scram-sha-256';
const password = 'a-password-for-the-demo';

class Tour extends Story {
  readonly #options: TourOptions;
  readonly #primary: ThrowawayServer;
  readonly #standby: ThrowawayServer;

  constructor(options: TourOptions, primary: ThrowawayServer, standby: ThrowawayServer) {
    super(options.screen, options.signal);
    this.#options = options;
    this.#primary = primary;
    this.#standby = standby;
  }

  async run(): Promise<void> {
    await this.#prepare();
    const { dataDirectory } = this.#standby;
    await this.act({
      title: 'First fault',
      story: `A leftover from an earlier try: ${dataDirectory} is not empty.`,
      expected: 'target/not-empty',
      breakIt: () =>
        this.#shell(
          this.#standby,
          `mkdir -m 0700 ${dataDirectory} && echo 'from an earlier try' > ${dataDirectory}/backup_manifest.tmp`,
        ),
    });
    await this.act({
      title: 'Second fault',
      story: 'pg_hba.conf lets clients in, but not for replication: "all" in the line "host all" does not include it.',
      expected: 'hba/no-replication-entry',
      breakIt: async () => {
        await this.#primary.writeHba(clients);
        await this.#primary.reload();
      },
    });
    await this.act({
      title: 'Third fault',
      story: 'The role can log in, but does not have the attribute REPLICATION.',
      expected: 'role/no-replication',
      breakIt: () => this.#primary.query('ALTER ROLE replicator NOREPLICATION'),
    });
    await this.#clone();
    await this.#row();
    await this.#signal();
  }

  get #words(): readonly string[] {
    const { port } = this.#primary;
    return [
      '-h',
      '127.0.0.1',
      '-p',
      `${port}`,
      '-U',
      'replicator',
      '-D',
      this.#standby.dataDirectory,
      '-X',
      'stream',
      '-R',
    ];
  }

  get #admin(): string {
    return `host=${this.#primary.folder} port=${this.#primary.port} user=${ThrowawayServer.superuser}`;
  }

  async #prepare(): Promise<void> {
    const { screen } = this.#options;
    await this.#primary.start();
    await this.#primary.query(`CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${password}'`);
    await this.#primary.psql(
      `CREATE TABLE accounts AS SELECT g AS id, repeat(md5(g::text), 8) AS note FROM generate_series(1, 60000) g;
       CREATE TABLE branches AS SELECT g AS id FROM generate_series(1, 25) g; CHECKPOINT;`,
    );
    // nothing of whoever runs the demo: neither servers that the environment names nor a password file
    for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name];
    const passfile = join(this.#primary.folder, 'passfile');
    await writeFile(passfile, `127.0.0.1:${this.#primary.port}:*:replicator:${password}\n`, { mode: 0o600 });
    process.env['PGPASSFILE'] = passfile;
    process.env['PATH'] = [this.#options.release.bin, process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter);
    await screen.lines(
      '',
      `  ${screen.paint.good('✔')} a primary with 60,025 rows runs on 127.0.0.1:${this.#primary.port}`,
    );
  }

  protected override async look(): Promise<Looked> {
    const call = readBaseBackupCall('preflight', [...this.#words, '--admin', this.#admin]);
    if (call.command === undefined) throw new Error('the demo has a command line of its own');
    const { report, facts } = await examine('preflight', call, this.signal);
    const scene = sceneOf(facts);
    return lookedAt(report, (shown) =>
      stylish(shown, { width: this.screen.context(scene).width, paint: this.screen.paint, scene }),
    );
  }

  async #clone(): Promise<void> {
    const { screen, signal, print } = this.#options;
    signal.throwIfAborted();
    await this.title('The copy');
    await tell(
      screen,
      'The same options after "standbylint clone", which runs pg_basebackup itself (slowed down a little, so that you can watch it), verifies the base backup, and with --start proves that the standby streams.',
    );
    await this.#show('clone', ['-c', 'fast', '-r', '12M', '--start']);
    const status = await clone([...this.#words, '-c', 'fast', '-r', '12M', '--start', '--admin', this.#admin], {
      print,
      signal,
    });
    signal.throwIfAborted();
    if (status !== 0) throw new Error(`The demo stumbled: clone ended with status ${status}`);
    await this.wait();
  }

  async #row(): Promise<void> {
    const { screen } = this.#options;
    await this.type('primary=#', 'INSERT INTO branches VALUES (26);');
    await this.#primary.query('INSERT INTO branches VALUES (26)');
    const writtenAt = performance.now();
    while ((await this.#standby.query('SELECT id FROM branches WHERE id = 26')).length === 0) {
      if (performance.now() - writtenAt > 10_000) throw new Error('The demo stumbled: the row did not arrive.');
      await pause(5, undefined, { signal: this.signal });
    }
    const took = Math.round(performance.now() - writtenAt);
    await this.type('standby=#', 'SELECT id FROM branches WHERE id = 26;');
    await screen.lines(`  ${screen.paint.good('✔')} the row is there, ${took} ms after it was written`);
    await this.wait();
  }

  /** The mishap that nobody notices: no message anywhere says that the file is gone. */
  async #signal(): Promise<void> {
    const { screen } = this.#options;
    const { dataDirectory } = this.#standby;
    const file = `${dataDirectory}/standby.signal`;
    await this.title('One more thing');
    await tell(
      screen,
      'The standby is stopped, and standby.signal is removed. The next start would report nothing and make it a primary on the same timeline.',
    );
    const port = await this.#standby.psql('SHOW port');
    await this.#standby.stop();
    await screen.lines('');
    await this.do({
      on: 'standby',
      kind: 'shell',
      does: 'move-aside',
      text: `mv ${shellWord(file)} ${shellWord(`${file}.away`)}`,
    });
    const seen = await this.#filesOfStandby();
    if (seen.find(({ label }) => label === 'standby.signal')?.holds !== false)
      throw new Error('The demo stumbled: the missing standby.signal was not seen');
    const context = screen.context({ endpoint: '', primaryName: 'primary', source: 'primary', copyBytes: undefined });
    await screen.lines(
      '',
      `  ${screen.paint.bad('✖ standby.signal is missing: this is no longer a standby')}`,
      ...evidenceText(seen, context),
    );
    await tell(screen, 'It was not started since, so it has not diverged: creating the file is enough.');
    await screen.lines('');
    await this.do({ on: 'standby', kind: 'shell', does: 'make-file', text: `touch ${shellWord(file)}` });
    const start = [
      join(this.#options.release.bin, 'pg_ctl'),
      'start',
      '-D',
      dataDirectory,
      '-w',
      '-s',
      '-l',
      `${dataDirectory}/startup.log`,
      '-o',
      `-p ${port}`,
    ];
    await this.do({ on: 'standby', kind: 'shell', does: 'start', text: start.map(shellWord).join(' ') });
    await this.#streams();
    await screen.lines('', `  ${screen.paint.good('✔')} it streams again`);
    await this.wait();
  }

  /** What clone looks at after a copy, as far as it concerns a standby that was started before. */
  async #filesOfStandby(): ReturnType<typeof verifyCopy> {
    const copy = {
      directory: this.#standby.dataDirectory,
      format: 'plain',
      verify: undefined,
      writesRecoveryConf: true,
    } as const;
    const checks = await verifyCopy(localHost(), copy, this.signal);
    return checks.filter(({ label }) => label === 'standby.signal' || label === 'primary_conninfo');
  }

  async #streams(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const [row] = await this.#standby.query('SELECT status FROM pg_stat_wal_receiver').catch(() => []);
      if (row?.['status'] === 'streaming') return;
      await pause(100, undefined, { signal: this.signal });
    }
    throw new Error(`The demo stumbled: the standby does not stream.\n${await this.#standby.logTail()}`);
  }

  protected override async showLook(): Promise<void> {
    await this.#show('preflight');
  }

  /** A command of ours as a user would type it. */
  async #show(command: string, more: readonly string[] = []): Promise<void> {
    const { screen } = this.#options;
    const words = [...this.#words, ...more].map(shellWord).join(' ');
    await screen.lines(
      '',
      `  ${screen.paint.prompt('standby$')} standbylint ${command} ${words} \\`,
      `          --admin ${shellWord(this.#admin)}`,
    );
  }

  protected override async do(step: Step): Promise<void> {
    const server = step.on === 'primary' ? this.#primary : this.#standby;
    const name = step.on === 'client' ? 'here' : step.on;
    await this.type(step.kind === 'sql' ? `${name}=#` : `${name}$`, step.text);
    if (step.kind === 'sql') await server.psql(step.text);
    else await this.#shell(server, step.text);
  }

  async #shell(server: ThrowawayServer, text: string): Promise<void> {
    // a server that is started keeps the output open forever
    const { exitCode } = await server.run('sh', ['-c', `{ ${text}; } >step.log 2>&1`]);
    if (exitCode !== 0) throw new Error(`The demo stumbled: this ended with status ${exitCode}: ${text}`);
  }
}
