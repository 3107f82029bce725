import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Facts } from '../../facts/facts.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Report } from '../../findings/report.ts';
import { containerName, containerNames } from '../../hosts/container.ts';
import type { Purpose, Reached } from '../../hosts/reached.ts';
import type { Destination, Host } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local.ts';
import { isSsh, reach } from '../../hosts/place.ts';
import type { WrittenPlace } from '../../hosts/place.ts';
import { commandLine } from '../../remedies/command-line.ts';
import { copyFromOutside } from '../../remedies/in-container.ts';
import { inPod } from '../../remedies/in-pod.ts';
import { shellWord } from '../../remedies/quoting.ts';
import type { BaseBackupCall } from '../options/base-backup-options.ts';
import { didYouMean } from '../options/did-you-mean.ts';
import type { CommonOptions } from '../options/own-options.ts';
import { shownWord } from '../options/shown-word.ts';
import { standbysOn } from './standbys-on.ts';
import { unlessInterrupted } from './unless-interrupted.ts';
import { UsageError } from '../usage-error.ts';

type WhatIsAsked = Pick<CommonOptions, 'timeoutMs' | 'logins'>;

/**
 * Looks at the place that -D names, a second time where it broke off: a container that is started again and again is told
 * from one that runs when it has ended once. What was seen of a place that broke off is not told: `look` gives back what
 * tells it, and the status to exit with.
 */
export async function throughPlace(
  place: WrittenPlace,
  options: WhatIsAsked,
  purpose: Purpose,
  signal: AbortSignal,
  look: (reached: Reached) => Promise<() => Promise<number>>,
): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const reached = await goTo(place, options, purpose, signal);
    try {
      const tell = await look(reached);
      const lost = reached.lost();
      if (lost === undefined) return await tell();
      if (tries === mostTries)
        throw new UsageError(
          `-D ${place.kind}:${place.name} broke off while it was looked at: ${lost.message}.`,
          'What was seen until then is not reported, because it may be incomplete. Run this again.',
        );
    } finally {
      reached.close();
    }
  }
}

const mostTries = 2;

/** The container whose server is to be asked has none that answers now. */
export class NotRunning extends UsageError {}

/** Throws a {@link UsageError} where there is no such place, or it lets nobody in. */
export async function goTo(
  place: WrittenPlace,
  options: WhatIsAsked,
  purpose: Purpose,
  signal: AbortSignal,
  option = '-D',
): Promise<Reached> {
  const { kind, name } = place;
  const directoryToo = option === '-D' ? ` A directory of that name is written ./${kind}:…` : '';
  if (kind === 'kubectl' && !/^[^/\s-][^/\s]*(?:\/[^/\s-][^/\s]*)+$/u.test(name))
    throw new UsageError(
      `${option} ${shownWord(`${kind}:${name}`)} names no pod.`,
      `Write ${option} kubectl:NAMESPACE/POD[/CONTAINER] or ${option} kubectl:CONTEXT/NAMESPACE/POD/CONTAINER:/DIRECTORY.${directoryToo}`,
    );
  if (!isSsh(kind) && kind !== 'kubectl' && !(kind === 'compose' ? name.replace('/', '') : name).match(containerName))
    throw new UsageError(
      `${option} ${shownWord(`${kind}:${name}`)} names no container.`,
      kind === 'compose'
        ? `Write ${option} compose:SERVICE or ${option} compose:PROJECT/SERVICE.${directoryToo}`
        : `Write ${option} ${kind}:NAME or ${option} ${kind}:NAME:/DIRECTORY.${directoryToo}`,
    );
  if (isSsh(kind) && (name === '' || name.startsWith('-')))
    throw new UsageError(
      `${option} ${shownWord(`${kind}:${name}`)} names no machine.`,
      `Write ${option} ${kind}:HOST:/DIRECTORY or ${option} ${kind}:USER@HOST:/DIRECTORY.${directoryToo}`,
    );
  if (place.path !== undefined && !place.path.startsWith('/'))
    throw new UsageError(`${option}: the directory in ${kind}:${name} is written whole, from / on.`);
  const reached = await unlessInterrupted(reach(place, options.timeoutMs, purpose, options.logins), signal);
  if (reached.ok && reached.value.dataDirectory !== '') return reached.value;
  if (reached.ok) {
    const { host, close } = reached.value;
    const standbys = await unlessInterrupted(standbysOn(host, name, `${kind}:${name}:`), signal).finally(close);
    throw new UsageError(
      `${option} ${kind}:${name}: PGDATA is not set on ${name}.`,
      `Write the data directory behind it: ${option} ${kind}:${name}:/DIRECTORY.${standbys}`,
    );
  }
  const engine = kind === 'compose' ? 'docker compose' : kind;
  const { code, message, hint } = reached.problem;
  const text = `${option} ${kind}:${name}: ${message}.`.replace(/(?<=[.?!])\.$/u, '');
  switch (code) {
    case 'no-container':
      throw new UsageError(
        text,
        (kind === 'compose'
          ? undefined
          : didYouMean(name, await containerNames(kind === 'podman' ? kind : 'docker', options.timeoutMs))) ??
          `"${engine} ps -a" lists them.`,
      );
    case 'many-containers':
      throw new UsageError(text, `Write ${option} compose:PROJECT/SERVICE, or ${option} docker:NAME.`);
    case 'paused':
      throw new NotRunning(text, `"${engine} unpause ${name}" lets it go on. Then run this again.`);
    case 'not-running':
      throw new NotRunning(
        text,
        `"${engine} start ${name}" starts it, and "${engine} logs ${name}" says why it ended.`,
      );
    case 'no-directory':
      throw new UsageError(text, `Write the data directory behind it: ${option} ${kind}:${name}:/DIRECTORY.`);
    case 'not-in-a-volume':
    case 'not-beside':
      throw new UsageError(
        text,
        code === 'not-in-a-volume' && purpose === 'preflight'
          ? 'What is copied there is gone with the container. Create it again with -v NAME:DIRECTORY, where DIRECTORY is its PGDATA or one above it (since 18, the official image has its volume at /var/lib/postgresql).'
          : `Copy the directory out of it and look at the copy: ${engine} cp ${name}:${place.path ?? 'DIRECTORY'} COPY, and -D COPY.`,
      );
    default:
      throw new UsageError(
        text,
        hint ??
          (isSsh(kind)
            ? `"ssh -oBatchMode=yes ${name} ${kind === 'ssh' ? '' : 'sudo -n '}true" must work, without a question.`
            : `"${engine} exec ${name} sh -c true" must work, without a question.`),
      );
  }
}

/** The same call for the directory there; what is printed for standbylint keeps the place. */
export function callAt(
  call: BaseBackupCall & { command: BaseBackupCommand },
  place: WrittenPlace,
  directory: string,
): typeof call {
  const { command } = call;
  const { directory: given = '' } = command;
  const words = ['-D', directory];
  const options = command.options.map((option) =>
    option.name === 'pgdata' ? { ...option, written: words.join(' '), words } : option,
  );
  const printable = [command.program ?? 'pg_basebackup', ...options.flatMap((option) => option.words)];
  return {
    ...call,
    command: {
      ...command,
      place: `${place.kind}:${place.name}`,
      directory,
      options,
      args: command.args.map((one) =>
        given !== '' && one.endsWith(given) ? one.slice(0, -given.length) + directory : one,
      ),
      printable: printable.map(shellWord).join(' '),
    },
  };
}

/** Whoever types the copy hands PGPASSWORD on to it. */
export function hostOfCopy(host: Host): Host {
  const { PGPASSWORD } = process.env;
  if (PGPASSWORD === undefined) return host;
  const environment = { ...host.environment, PGPASSWORD };
  return new Proxy(host, { get: (there, key) => (key === 'environment' ? environment : Reflect.get(there, key)) });
}

/** What is typed next where nothing prevents the copy. */
export function copyText(
  { verdict }: Report,
  { baseBackup, connectionPlan }: Partial<Facts>,
  place: Host['place'],
): string {
  const command = baseBackup && ifSeen(baseBackup);
  if (verdict !== 'ready' || command === undefined || place === undefined) return '';
  const from = connectionPlan && ifSeen(connectionPlan)?.password.from;
  const password = from === 'environment' || from === 'prompt' ? passwords[from] : 'known';
  const line = commandLine(command, {});
  const { directory = '' } = command;
  const lines =
    place.kind === 'container'
      ? copyFromOutside(line, place, password, directory)
      : [
          place.kind === 'pod'
            ? inPod({ text: line, ...(password === 'known' ? {} : { asksPassword: true }) }, place, 'postgres')
            : line,
        ];
  return `  Next:\n\n${lines.map((one) => `     ${one}\n`).join('')}\n`;
}

const passwords = { environment: 'environment', prompt: 'asked' } as const;

/**
 * Who a connection string of this command line is for: the tool's own machine, with its password file, its environment
 * and its addresses. A name that means nothing here may mean something there (containers on one network know each
 * other): it is dialled from there.
 */
export function diallingHost(there: Host): Host {
  const here = localHost();
  const ofThere = new Set<string>();
  const goesThere = (to: Destination): boolean => to.kind === 'tcp' && ofThere.has(to.address);
  return {
    ...here,
    // whose addresses are its own is asked of the examined machine
    interfaces: () => [],
    addressesOf: async (name) => {
      const found = await here.addressesOf(name);
      if (found.ok || found.problem.code === 'ETIMEDOUT') return found;
      const other = await there.addressesOf(name);
      if (!other.ok) return found;
      for (const address of other.value) ofThere.add(address);
      return other;
    },
    way: async (destination) => {
      if (goesThere(destination)) await there.way?.(destination);
    },
    connect: (destination, signal) => (goesThere(destination) ? there : here).connect(destination, signal),
  };
}
