import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

import { execa } from 'execa';

import {
  aContainerPair,
  data,
  primary as primaryContainer,
  standby as standbyContainer,
} from '../../test/lab/container-pair.ts';
import { aSshMachine } from '../../test/lab/ssh-machine.ts';
import { median } from './figure.ts';
import type { Figure } from './figure.ts';
import { postmortem, standbylint } from './pair.ts';
import type { Pair } from './pair.ts';

/**
 * A post-mortem over ssh to this machine next to one on it; in a container next to one of its volume from outside; how often
 * it waits for the other machine; and what is left of one that is cut off. The latency is a relay's before sshd: not every
 * kernel has netem.
 */
export async function places(pair: Pair): Promise<readonly Figure[]> {
  const ends: (() => Promise<void>)[] = [];
  try {
    const there = await aSshMachine((end) => ends.push(end));
    return [...(await overSsh(pair, there, (end) => ends.push(end))), ...(await inContainer())];
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

const rounds = 7;
const youngMs = 20_000;
/** Far more than the 50 ms of which the figure speaks: how often one waits is the same, and what else this machine does is small beside it. */
const latencyMs = 500;
type Machine = Awaited<ReturnType<typeof aSshMachine>>;

async function overSsh(
  { standby, admin, ...pair }: Pair,
  { path, config, port, pid }: Machine,
  afterwards: (end: () => Promise<void>) => void,
): Promise<readonly Figure[]> {
  const env = { ...standby.environment, PATH: `${path}:/usr/bin:/bin`, HOME: path };
  const look = async (directory: string): Promise<number> => {
    const [node = '', ...words] = postmortem({ ...pair, standby, admin }, directory);
    return timeOf(node, words, env);
  };
  const here = standby.dataDirectory;
  const at = (name: string): string => `ssh:${name}:${here}`;
  const relay = await delayed(port);
  afterwards(relay.end);
  // the same machine by five names: with a login that is shared, and behind the relay
  const plain = await readFile(config, 'utf8');
  const shared = `ControlMaster auto\nControlPath ${path}/master-%n\nControlPersist 600\n`;
  const called = (name: string): string => plain.replace('Host db2', `Host ${name}`);
  const relayed = (name: string): string =>
    `${called(name).replace(/Port \d+/u, `Port ${relay.port}`)}HostKeyAlias [127.0.0.1]:${port}\n`;
  await writeFile(config, `${plain}${called('kept')}${shared}${relayed('far')}${relayed('farkept')}${shared}`);

  // one after the other in each round: what else the machine does meets all of them
  const [local, logins, kept, farLogins, far] = await mediansOf([
    async () => look(here),
    async () => look(at('db2')),
    async () => look(at('kept')),
    async () => look(at('far')),
    async () => look(at('farkept')),
  ]);
  const [left, leftThere] = await leftAfterCut(at('farkept'), admin, env, { path, port, pid });
  console.log(
    `  load ${loadavg()
      .map((one) => one.toFixed(1))
      .join(' ')}`,
  );
  console.log(`  local ${ms(local)}, ssh ${ms(logins)}, ssh with ControlMaster ${ms(kept)}`);
  console.log(`  with ${latencyMs} ms of latency: ssh ${ms(farLogins)}, with ControlMaster ${ms(far)}`);
  return [
    {
      what: 'a post-mortem over ssh, with ControlMaster, more than on the machine',
      measured: (kept - local) / 1000,
      atMost: 0.5,
      unit: 's',
    },
    {
      what: 'a post-mortem over ssh, each connection a login, more than on the machine',
      measured: (logins - local) / 1000,
      atMost: 2,
      unit: 's',
    },
    {
      what: 'waits for a machine that is far away, with ControlMaster',
      measured: (far - kept) / latencyMs,
      atMost: 12,
      unit: 'round trips',
    },
    {
      what: 'processes of ssh and shells left on either side after a cut',
      measured: left + leftThere,
      atMost: 0,
      unit: '',
    },
  ];
}

async function inContainer(): Promise<readonly Figure[]> {
  const pair = await aContainerPair(15);
  try {
    // a look waits for a pair that has only just begun, to see whether it goes on
    await pause(youngMs);
    const source = await pair.here.docker(
      'inspect',
      '-f',
      `{{range .Mounts}}{{if eq .Destination "${data}"}}{{.Source}}{{end}}{{end}}`,
      standbyContainer,
    );
    const env = { DOCKER_HOST: pair.here.host, PATH: '/usr/local/bin:/usr/bin:/bin' };
    const look = async (...words: readonly string[]): Promise<number> => {
      const [node = '', ...rest] = standbylint('postmortem', ...words);
      return timeOf(node, rest, env);
    };
    // a log of its own: the directory is looked at from here, and not in the container that has it
    const [outside, inside, both] = await mediansOf([
      async () => look('-D', source, '--log', '/no/log'),
      async () => look('-D', `docker:${standbyContainer}`),
      async () => look('-D', `docker:${standbyContainer}`, '--admin', `docker:${primaryContainer}`),
    ]);
    console.log(
      `  in a container ${ms(inside)}, with its primary in another ${ms(both)}, its directory from outside ${ms(outside)}`,
    );
    return [
      {
        what: 'a post-mortem of two containers, more than of the directory of one from outside',
        measured: (both - outside) / 1000,
        atMost: 0.5,
        unit: 's',
      },
      {
        what: 'a post-mortem in a container, more than of its directory from outside',
        measured: (inside - outside) / 1000,
        atMost: 0.5,
        unit: 's',
      },
    ];
  } finally {
    await pair.here.end();
  }
}

/** A post-mortem that is killed while it looks: the ssh of this side, and the shells of the other one. */
async function leftAfterCut(
  directory: string,
  admin: string,
  env: Readonly<Record<string, string>>,
  machine: Pick<Machine, 'path' | 'port' | 'pid'>,
): Promise<readonly [number, number]> {
  const [node = '', ...words] = standbylint('postmortem', '-D', directory, '--admin', admin);
  const before = await processes(machine);
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const)
    for (const afterMs of [400, 700, 1_000]) {
      const running = execa(node, words, { env, extendEnv: false, stdio: 'ignore', reject: false });
      await pause(afterMs);
      running.kill(signal);
      await running;
    }
  await pause(3_000);
  const left = (await processes(machine)).filter(({ pid }) => before.every((one) => one.pid !== pid));
  for (const { pid, line } of left) console.log(`  left: ${pid} ${line}`);
  return [
    left.filter(({ line }) => /\bssh\b/u.test(line)).length,
    left.filter(({ line }) => !/\bssh\b/u.test(line)).length,
  ];
}

/** Those that have to do with this sshd: what it has started, and what runs in the home directory of the one who looks. */
async function processes({
  path,
  port,
  pid: sshd,
}: Pick<Machine, 'path' | 'port' | 'pid'>): Promise<readonly { readonly pid: string; readonly line: string }[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,ppid=,args=']);
  const rows = stdout.split('\n').flatMap((row) => {
    const [, pid = '', parent = '', line = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(row) ?? [];
    return /^(?:sh|perl|ssh|sshd: root@notty|timeout)\b/u.test(line) ? [{ pid, parent, line }] : [];
  });
  const ours = await Promise.all(
    rows.map(async ({ pid, parent }) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return (
        parent === String(sshd) ||
        environment.split('\0').includes(`HOME=${path}`) ||
        environment.includes(` 127.0.0.1 ${port}\0`)
      );
    }),
  );
  return rows.filter((_, at) => ours[at]);
}

/** A relay that hands on what comes half of the latency later, either way. */
async function delayed(to: number): Promise<{ readonly port: number; readonly end: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const pass = (from: Socket, into: Socket): void => {
    sockets.add(from);
    from.on('data', (bytes) => setTimeout(() => into.writable && into.write(bytes), latencyMs / 2));
    from.on('close', () => setTimeout(() => into.end(), latencyMs / 2));
    from.on('error', () => undefined);
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: to, noDelay: true });
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    end: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function timeOf(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const begin = performance.now();
  const { exitCode, stderr } = await execa(program, words, {
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    buffer: true,
  });
  if (exitCode !== 0 && exitCode !== 1 && exitCode !== 3)
    throw new Error(`it ended with status ${exitCode}: ${stderr}`);
  return performance.now() - begin;
}

/** Of looks that take turns; the first of each is not counted: it makes the login that is shared. */
async function mediansOf<const T extends readonly (() => Promise<number>)[]>(
  looks: T,
): Promise<{ readonly [K in keyof T]: number }> {
  const times: number[][] = looks.map(() => []);
  for (let round = 0; round <= rounds; round += 1)
    for (const [at, look] of looks.entries()) {
      const time = await look();
      if (round > 0) times[at]?.push(time);
    }
  return times.map((of) => median(of)) as { readonly [K in keyof T]: number };
}

const ms = (time: number): string => `${Math.round(time)} ms`;
