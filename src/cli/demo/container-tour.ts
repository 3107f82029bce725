import { formatCount } from '../../postgres/bytes.ts';
import type { PostgresImage } from '../../throwaway/throwaway-containers.ts';
import { ThrowawayContainers } from '../../throwaway/throwaway-containers.ts';
import type { Report, Step } from '../../findings/report.ts';
import { stylish } from '../../report/stylish.ts';
import { clone } from '../clone/clone.ts';
import type { CommandSurroundings } from '../command.ts';
import { postmortem } from '../postmortem.ts';
import { preflight } from '../preflight.ts';
import { savedReport } from '../report.ts';
import type { Screen } from '../terminal/screen.ts';
import { lookedAt, Story, tell } from './story.ts';
import type { Looked } from './story.ts';

export interface ContainerTourOptions extends CommandSurroundings {
  readonly image: PostgresImage;
  readonly screen: Screen;
}

/** Tells and does the whole tour in containers; whatever happens, they are gone at the end, with their network and volumes. */
export async function containerTour(options: ContainerTourOptions): Promise<void> {
  const startedAt = performance.now();
  const { image, screen, signal } = options;
  await screen.lines('', screen.paint.strong('  standbylint demo --docker'));
  await tell(
    screen,
    `Two containers of the image ${image.name} (PostgreSQL ${image.version}) will be made on a network of their own, a volume for each: a primary with 10,003 rows, and what is to be its standby. Four things are broken, named, and fixed by the lines that the report prints. No other container is touched, nothing is pulled, and nothing is left behind.`,
  );
  // nothing of whoever runs the demo: no servers that the environment names
  for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name];
  process.env['PGPASSWORD'] = password;
  const containers = await ThrowawayContainers.create(image, password);
  try {
    await new ContainerTour(options, containers).run();
    signal.throwIfAborted();
  } finally {
    await containers.dispose();
  }
  await tell(
    screen,
    `Both containers are removed, with their volumes and their network. This took ${Math.round((performance.now() - startedAt) / 1000)} s.`,
  );
  await screen.lines(
    '',
    '  Next, ask about a container of your own:',
    '',
    `    ${screen.paint.prompt('here$')} standbylint postmortem -D docker:NAME`,
    '',
  );
}

const password = 'a-password-for-the-demo';
const rows = 10_003;

class ContainerTour extends Story {
  readonly #options: ContainerTourOptions;
  readonly #containers: ThrowawayContainers;
  /** As -D has it. */
  #directory: string;

  constructor(options: ContainerTourOptions, containers: ThrowawayContainers) {
    super(options.screen, options.signal);
    this.#options = options;
    this.#containers = containers;
    this.#directory = `docker:${containers.standby}`;
  }

  async run(): Promise<void> {
    const { standby, primary, image } = this.#containers;
    await this.#prepare();
    await this.act({
      title: 'First failure',
      story: 'A copy that broke off has left something: the directory in the volume of the standby is not empty.',
      expected: 'target/not-empty',
      breakIt: () => this.#beside(`echo left > ${image.dataDirectory}/backup_manifest.tmp`),
    });
    await this.act({
      title: 'Second failure',
      story:
        'pg_hba.conf has no entry for replication. The image writes one for every client, "host all all all", and "all" does not include it.',
      expected: 'hba/no-replication-entry',
      breakIt: () =>
        this.#onPrimary(
          `sed -i '/^host replication replicator/d' ${image.dataDirectory}/pg_hba.conf && psql -Xqc 'SELECT pg_reload_conf()'`,
        ),
    });
    await this.act({
      title: 'Third failure',
      story: 'The role that the standby logs in as was never created.',
      expected: 'role/missing',
      breakIt: () => this.#containers.psql(primary, 'DROP ROLE replicator'),
    });
    await this.act({
      title: 'Fourth failure',
      story: 'The role can log in, but does not have the attribute REPLICATION.',
      expected: 'role/no-replication',
      breakIt: () => this.#containers.psql(primary, 'ALTER ROLE replicator NOREPLICATION'),
    });
    await this.#clone();
    await this.#sameRows();
    await this.#signal();
    await this.good(`${standby} streams again`);
    await this.wait();
  }

  get #words(): readonly string[] {
    return [
      '-h',
      this.#containers.primary,
      '-U',
      'replicator',
      '-D',
      this.#directory,
      '-X',
      'stream',
      '-R',
      '-c',
      'fast',
    ];
  }

  get #admin(): readonly string[] {
    return ['--admin', `docker:${this.#containers.primary}`];
  }

  async #prepare(): Promise<void> {
    const { primary, standby } = this.#containers;
    await this.screen.lines('');
    for (const line of [this.#containers.line('run -d', primary), this.#containers.line('create', standby)]) {
      await this.type('here$', line);
      await this.#containers.paste(line);
    }
    await this.#containers.answers(primary, 'SELECT pg_is_in_recovery()', 'f', this.signal);
    await this.#containers.psql(primary, `CREATE TABLE accounts AS SELECT g AS id FROM generate_series(1, ${rows}) g`);
    await this.#containers.psql(primary, `CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${password}'`);
    await this.#onPrimary(
      `echo 'host replication replicator samenet scram-sha-256' >> ${this.#containers.image.dataDirectory}/pg_hba.conf && psql -Xqc 'SELECT pg_reload_conf()'`,
    );
    await this.good(`a primary with ${formatCount(rows)} rows runs in ${primary}`);
  }

  protected override async look(): Promise<Looked> {
    return this.#looked((words, surroundings) => preflight(words, surroundings), this.#words);
  }

  protected override async showLook(): Promise<void> {
    await this.#show('preflight', this.#words);
  }

  /** As the command itself tells it, in another format. */
  async #looked(
    command: (words: readonly string[], surroundings: CommandSurroundings) => Promise<number>,
    words: readonly string[],
  ): Promise<Looked> {
    let json = '';
    const print = async (text: string): Promise<void> => {
      json += text;
      return Promise.resolve();
    };
    await command([...words, ...this.#admin, '--format', 'json'], { print, signal: this.signal });
    const report: Report = await savedReport(json, 'the report');
    return lookedAt(report, (shown) => stylish(shown, { width: this.screen.width, paint: this.screen.paint }));
  }

  async #clone(): Promise<void> {
    await this.title('The copy');
    await this.tell(
      'The same options after "standbylint clone", which runs pg_basebackup in a container beside it, verifies the base backup, and with --start starts the container and proves that the standby streams.',
    );
    await this.#show('clone', [...this.#words, '--start']);
    const { print } = this.#options;
    const status = await clone([...this.#words, '--start', ...this.#admin], { print, signal: this.signal });
    this.signal.throwIfAborted();
    if (status !== 0) throw new Error(`The demo stumbled: clone ended with status ${status}`);
    await this.wait();
  }

  async #sameRows(): Promise<void> {
    const { primary, standby } = this.#containers;
    const count = 'SELECT count(*) FROM accounts';
    await this.#containers.answers(standby, count, String(rows), this.signal);
    for (const name of [primary, standby]) {
      const found = Number(await this.#containers.psql(name, count));
      await this.type('here$', `docker exec -u postgres ${name} psql -XAtc '${count}'`);
      await this.screen.lines(`    ${found}`);
    }
    await this.good('the same number of rows on both sides');
    await this.wait();
  }

  /** The mishap that nobody notices: no message anywhere says that the file is gone. */
  async #signal(): Promise<void> {
    const { primary, standby, image } = this.#containers;
    await this.title('One more thing');
    await this.tell(
      'The container is stopped, and standby.signal is removed. The next start would report nothing and make it a primary on the same timeline.',
    );
    await this.#containers.paste(`docker stop ${standby}`);
    await this.#beside(`rm ${image.dataDirectory}/standby.signal`);
    const words = ['-D', `docker:${standby}`];
    await this.#show('postmortem', words);
    await this.fix(await this.#looked(postmortem, words), 'standby/signal-missing');
    await this.#containers.answers(standby, 'SELECT status FROM pg_stat_wal_receiver', 'streaming', this.signal);
    await this.#containers.psql(primary, 'INSERT INTO accounts VALUES (0)');
    await this.#containers.answers(standby, 'SELECT count(*) FROM accounts', String(rows + 1), this.signal);
  }

  /** As postgres, with the volume of the standby, which does not run. */
  async #beside(command: string): Promise<void> {
    const { standby, image } = this.#containers;
    await this.#containers.paste(
      `docker run --rm --network none --volumes-from ${standby} -u postgres --entrypoint sh ${image.name} -c '${command}'`,
    );
  }

  async #onPrimary(command: string): Promise<void> {
    const { primary } = this.#containers;
    await this.#containers.paste(`docker exec -u postgres ${primary} sh -c "${command}"`);
  }

  /** A command of ours as a user would type it. */
  async #show(command: string, words: readonly string[]): Promise<void> {
    await this.screen.lines('');
    await this.type('here$', `standbylint ${command} ${words.join(' ')} ${this.#admin.join(' ')}`);
  }

  protected override async do(step: Step): Promise<void> {
    await this.type('here$', step.text);
    const [, directory] = /^standbylint .* -D (\S+)/u.exec(step.text) ?? [];
    if (step.does === 'check-again' && directory !== undefined) {
      // the look that follows is this one
      this.#directory = directory;
      return;
    }
    if (step.on !== 'client' || step.kind !== 'shell')
      throw new Error(`The demo stumbled: this is not typed on this machine: ${step.text}`);
    await this.#containers.paste(step.text);
  }
}
