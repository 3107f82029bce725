import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { execa, execaSync } from 'execa';

import { parsedJson, valueAt } from '../hosts/parsed-json.ts';
import { asLastResort } from './last-resort.ts';

/** An image of PostgreSQL that is on this machine. */
export interface PostgresImage {
  readonly name: string;
  /** As its server tells it: `17.5`. */
  readonly version: string;
  readonly dataDirectory: string;
  /** Where its containers expect a volume. */
  readonly volume: string;
}

/** Why no containers can be made; the engine's words where there are some. */
export class NoContainers extends Error {
  readonly code: 'no-docker' | 'no-daemon' | 'no-image';

  constructor(code: NoContainers['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The image of that name, or the newest one here that is called postgres. Nothing is pulled. Throws {@link NoContainers}. */
export async function findImage(name: string | undefined, oldestMajor: number): Promise<PostgresImage> {
  const asked = await execa('docker', ['version', '--format', '{{.Server.Version}}'], {
    reject: false,
    stdin: 'ignore',
  });
  if (asked.code === 'ENOENT') throw new NoContainers('no-docker', 'the program docker is not installed here');
  if (asked.exitCode !== 0)
    throw new NoContainers(
      'no-daemon',
      asked.stderr.trim().split('\n').at(-1) ?? 'docker version ended without a word',
    );
  const listed =
    name === undefined ? (await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')).split('\n') : [name];
  for (const one of name === undefined
    ? listed.filter((image) => /(?:^|\/)postgres:(?!<none>)/u.test(image))
    : listed) {
    const image = await imageCalled(one);
    if (image !== undefined && Number.parseInt(image.version, 10) >= oldestMajor) return image;
  }
  throw new NoContainers('no-image', name ?? 'postgres');
}

async function imageCalled(name: string): Promise<PostgresImage | undefined> {
  const inspected = await execa('docker', ['image', 'inspect', '--', name], { reject: false, stdin: 'ignore' });
  const all = parsedJson(inspected.stdout);
  const config = valueAt(Array.isArray(all) ? all[0] : undefined, 'Config');
  const environment = valueAt(config, 'Env');
  const variables = Array.isArray(environment) ? environment.map(String) : [];
  const dataDirectory = variables.find((line) => line.startsWith('PGDATA='))?.slice('PGDATA='.length);
  if (dataDirectory === undefined) return undefined;
  const volumes = valueAt(config, 'Volumes');
  const [volume = dataDirectory] = typeof volumes === 'object' && volumes !== null ? Object.keys(volumes) : [];
  const asked = ['run', '--rm', '--pull', 'never', '--network', 'none', '--entrypoint', 'postgres', name, '--version'];
  const told = await execa('docker', asked, { reject: false, stdin: 'ignore' });
  const [, version] = /\(PostgreSQL\) (\d+(?:\.\d+)?)/u.exec(told.stdout) ?? [];
  return version === undefined ? undefined : { name, version, dataDirectory, volume };
}

const docker = async (...words: readonly string[]): Promise<string> =>
  (await execa('docker', words, { stdin: 'ignore' })).stdout;

/**
 * Two containers of an image on a network of their own, a volume for each. They are called as in every guide where those
 * names are free. Nothing but what was made here is taken away, also when the process is interrupted.
 */
export class ThrowawayContainers {
  readonly image: PostgresImage;
  readonly primary: string;
  readonly standby: string;
  readonly network: string;
  readonly #password: string;
  readonly #own = `standbylint-demo-${randomBytes(4).toString('hex')}`;
  #forget: () => void = () => undefined;

  private constructor(image: PostgresImage, password: string, suffix: string) {
    this.image = image;
    this.#password = password;
    this.primary = `postgres-primary${suffix}`;
    this.standby = `postgres-standby${suffix}`;
    this.network = this.#own;
  }

  static async create(image: PostgresImage, password: string): Promise<ThrowawayContainers> {
    const taken = new Set((await docker('ps', '-a', '--format', '{{.Names}}')).split('\n'));
    const isFree = (suffix: string): boolean =>
      ['postgres-primary', 'postgres-standby'].every((name) => !taken.has(`${name}${suffix}`));
    const suffix = isFree('') ? '' : `-${randomBytes(3).toString('hex')}`;
    const made = new ThrowawayContainers(image, password, suffix);
    made.#forget = asLastResort(() => {
      for (const words of made.#cleaning()) execaSync('sh', ['-c', words], { reject: false, stdin: 'ignore' });
    });
    await docker('network', 'create', '--label', made.#own, made.network);
    return made;
  }

  /** As they are made by hand, for whoever wants to read it. */
  line(act: 'run -d' | 'create', name: string): string {
    const words = [
      ...['--name', name, '--network', this.network, '--label', this.#own, '-e', 'POSTGRES_PASSWORD'],
      ...['--stop-signal', 'SIGINT', '-v', `${this.#own}-${name}:${this.image.volume}`, this.image.name],
    ];
    return `docker ${act} ${words.join(' ')}`;
  }

  /** A line in a shell of this machine; a password that it asks for is typed. Throws where it fails. */
  async paste(line: string): Promise<string> {
    // a terminal is not needed to type it
    const command = line.replaceAll(' -it ', ' -i ');
    const env = { POSTGRES_PASSWORD: this.#password, PGPASSWORD: this.#password };
    const input = command === line ? '' : `${this.#password}\n${this.#password}\n`;
    const { exitCode, stdout, stderr } = await execa('sh', ['-c', command], { env, input, reject: false });
    if (exitCode !== 0) throw new Error(`The demo stumbled: this ended with status ${exitCode}: ${line}\n${stderr}`);
    return stdout;
  }

  /** As the superuser, over the server's own socket. */
  async psql(name: string, statement: string): Promise<string> {
    return docker('exec', '-u', 'postgres', name, 'psql', '-XAtc', statement);
  }

  /** Until it answers with what is wanted. */
  async answers(name: string, statement: string, wanted: string, signal: AbortSignal): Promise<void> {
    for (let tries = 0; tries < 240; tries += 1) {
      if ((await this.psql(name, statement).catch(() => '')) === wanted) return;
      await pause(250, undefined, { signal });
    }
    throw new Error(`The demo stumbled: ${name} does not answer ${statement} with ${wanted}`);
  }

  /** Takes away all that was made. Safe to call twice. */
  async dispose(): Promise<void> {
    for (const words of this.#cleaning()) await execa('sh', ['-c', words], { reject: false, stdin: 'ignore' });
    this.#forget();
  }

  /** What was made here has its label, or its name; a container beside one of them has its volume. */
  #cleaning(): readonly string[] {
    const volumes = [this.primary, this.standby].map((name) => `${this.#own}-${name}`);
    const filters = [`network=${this.network}`, ...volumes.map((name) => `volume=${name}`), `label=${this.#own}`];
    return [
      ...filters.map((filter) => `docker ps -aq --filter ${filter} | xargs -r docker rm -f -v`),
      `docker volume rm -f ${volumes.join(' ')}`,
      `docker network rm ${this.network}`,
    ];
  }
}
