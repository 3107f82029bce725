import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { execa } from 'execa';

import { aContainerPair, data, standby as standbyContainer } from '../../test/lab/container-pair.ts';
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
const latencyMs = 50;
type Machine = Awaited<ReturnType<typeof aSshMachine>>;

async function overSsh(
  { standby, admin, ...pair }: Pair,
  { path, config, port }: Machine,
  afterwards: (end: () => Promise<void>) => void,
): Promise<readonly Figure[]> {
  const env = { ...standby.environment, PATH: `${path}:/usr/bin:/bin`, HOME: path };
  const look = async (directory: string): Promise<number> => {
    const [node = '', ...words] = postmortem({ ...pair, standby, admin }, directory);
    return timeOf(node, words, env);
  };
  const [here, there] = [standby.dataDirectory, `ssh:db2:${standby.dataDirectory}`];
  const local = await medianOf(() => look(here));
  const logins = await medianOf(() => look(there));
  const plain = await readFile(config, 'utf8');
  const master = `ControlMaster auto\nControlPath ${path}/master-%p\nControlPersist 60\n`;
  await writeFile(config, plain + master);
  const kept = await medianOf(() => look(there));

  // the same, 50 ms away
  const relay = await delayed(port);
  afterwards(relay.end);
  const away = `${plain.replace(/Port \d+/u, `Port ${relay.port}`)}HostKeyAlias [127.0.0.1]:${port}\n`;
  await writeFile(config, away + master);
  const far = await medianOf(() => look(there));
  await writeFile(config, away);
  const farLogins = await medianOf(() => look(there));

  const [left, leftThere] = await leftAfterCut(there, admin, env);
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
      what: 'waits for a machine 50 ms away, with ControlMaster',
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
    const outside = await medianOf(() => look('-D', source, '--log', '/no/log'));
    const inside = await medianOf(() => look('-D', `docker:${standbyContainer}`));
    console.log(`  in a container ${ms(inside)}, its directory from outside ${ms(outside)}`);
    return [
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
): Promise<readonly [number, number]> {
  const [node = '', ...words] = standbylint('postmortem', '-D', directory, '--admin', admin);
  const before = await processes();
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const)
    for (const afterMs of [400, 700, 1_000]) {
      const running = execa(node, words, { env, extendEnv: false, stdio: 'ignore', reject: false });
      await pause(afterMs);
      running.kill(signal);
      await running;
    }
  await pause(3_000);
  const left = (await processes()).filter(({ pid }) => before.every((one) => one.pid !== pid));
  for (const { pid, line } of left) console.log(`  left: ${pid} ${line}`);
  return [
    left.filter(({ line }) => /\bssh\b/u.test(line)).length,
    left.filter(({ line }) => !/\bssh\b/u.test(line)).length,
  ];
}

async function processes(): Promise<readonly { readonly pid: string; readonly line: string }[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args=']);
  return stdout.split('\n').flatMap((row) => {
    const [, pid, line] = /^\s*(\d+)\s+(.*)$/u.exec(row) ?? [];
    return pid !== undefined && line !== undefined && /^(?:sh|perl|ssh|sshd: root@notty|timeout)\b/u.test(line)
      ? [{ pid, line }]
      : [];
  });
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

async function medianOf(look: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await look());
  return median(times);
}

const ms = (time: number): string => `${Math.round(time)} ms`;
