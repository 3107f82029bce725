import { copyCommand, serverOf, startPlan, verifyCommand } from './basebackup/commands.ts';
import type { Command, StartPlan } from './basebackup/commands.ts';
import { nextFreePort } from '../checks/free-port.ts';
import type { BaseBackupSubject } from '../checks/subject.ts';
import type { Tool } from '../facts/machine.ts';
import { ifSeen } from '../facts/observed.ts';
import type { CloneStep } from '../findings/report.ts';
import type { Host, Place } from '../hosts/host.ts';
import { shellWord } from '../remedies/quoting.ts';
import type { TextContext } from '../report/finding-text.ts';
import { indent, wrap } from '../report/layout.ts';
import { machineName } from '../report/machines.ts';
import { printable } from '../report/printable.ts';
import type { Examination } from '../diagnosis/examination.ts';

/** Whether the server is started on the copy, and with what options. */
export interface StartWish {
  readonly start: boolean;
  readonly serverOptions: string | undefined;
}

/** Everything that a clone will run, in its order; undefined is what cannot be, and why. */
export interface CloneCommands {
  readonly copy: Command | undefined;
  readonly verify: Command | undefined;
  readonly start: StartPlan | undefined;
  /** Why there is no such command. */
  readonly without: { readonly copy: string; readonly verify: string; readonly start: string };
  /** A port that is free, where the one that the copy brings is taken. */
  readonly freePort: { readonly taken: number; readonly free: number } | undefined;
  /** The same as steps that were not run. */
  skipped(because: string): readonly CloneStep[];
}

/** How long the server may take until it lets queries in; it goes on afterwards, and is watched. */
const startTimeoutSeconds = 60;

export async function cloneCommands({ facts, subject, host }: Examination, own: StartWish): Promise<CloneCommands> {
  const tools = facts.clientTools && ifSeen(facts.clientTools);
  const copying = tools?.chosen;
  const major = (facts.primary && ifSeen(facts.primary))?.major;
  const server = tools === undefined ? undefined : serverOf(tools, major);
  const directory = (facts.targetDirectory && ifSeen(facts.targetDirectory))?.path;
  const copy = copying === undefined ? undefined : copyCommand(copying, subject.baseBackup);
  const planned =
    copying === undefined || directory === undefined
      ? undefined
      : verifyCommand({ copying, server }, { directory, major, command: subject.baseBackup });
  const hasVerify = planned !== undefined && (await host.status(planned.program, { followLinks: true })).ok;
  const verify = hasVerify ? planned : undefined;
  const container = host.place?.kind === 'container' ? host.place : undefined;
  const freePort = own.start && container === undefined ? await anotherPort(host, facts, own.serverOptions) : undefined;
  const there = container && startOfContainer(container);
  const start = !own.start
    ? undefined
    : (there ??
      (server !== undefined && directory !== undefined
        ? await planStart({ facts, host }, own, { directory, server, freePort })
        : undefined));
  const where = host.place === undefined ? 'on this host' : `${host.place.kind === 'ssh' ? 'on' : 'in'} ${host.label}`;
  const commands = [copy, verify, start?.start];
  return {
    copy,
    verify,
    start,
    without: {
      copy: `no pg_basebackup is installed ${where}`,
      verify: whyNotVerified(subject, copying, planned),
      start: `no server of PostgreSQL ${major ?? '(unknown)'} is installed ${where}`,
    },
    freePort,
    skipped: (because) =>
      ['copy', 'verify', ...(own.start ? ['start', 'stream'] : [])].map((name, at) => {
        const command = commands[at];
        const details = command === undefined ? [] : [{ label: 'command', value: commandText(command), source: '' }];
        return {
          name,
          outcome: 'skipped',
          elapsedMs: 0,
          details: [...details, { label: 'because', value: because, source: '' }],
        };
      }),
  };
}

type Container = Extract<Place, { readonly kind: 'container' }>;

const startOfContainer = ({ engine, name }: Container): StartPlan => ({
  start: { program: engine, args: ['start', name] },
  stop: { program: engine, args: ['stop', name] },
  logFile: `${engine} logs ${name}`,
});

async function planStart(
  { facts, host }: Pick<Examination, 'facts' | 'host'>,
  own: StartWish,
  where: { readonly directory: string; readonly server: Tool; readonly freePort: CloneCommands['freePort'] },
): Promise<StartPlan> {
  const [pgCtlCluster] = await host.findPrograms('pg_ctlcluster', ['/usr/bin']);
  const port = where.freePort === undefined ? [] : [`-p ${where.freePort.free}`];
  const options = [...port, ...(own.serverOptions === undefined ? [] : [own.serverOptions])];
  return startPlan({
    directory: where.directory,
    server: where.server,
    prepared: facts.preparedConfiguration && ifSeen(facts.preparedConfiguration),
    pgCtlCluster,
    serverOptions: options.length === 0 ? undefined : options.join(' '),
    timeoutSeconds: startTimeoutSeconds,
  });
}

/** The port of the copy is the primary's own, and taken where both run on one machine. What the user says wins. */
async function anotherPort(
  host: Host,
  { standbyPort }: Examination['facts'],
  serverOptions: string | undefined,
): Promise<CloneCommands['freePort']> {
  const port = standbyPort && ifSeen(standbyPort);
  if (port === undefined || !port.inUse || namesPort(serverOptions ?? '')) return undefined;
  const free = await nextFreePort(host, port.number);
  return free === undefined ? undefined : { taken: port.number, free };
}

/** `-p 5433`, `-c port=5433`, `--port=5433`. */
const namesPort = (serverOptions: string): boolean => /(?:^|\s)(?:-p|--port=|-c\s*port\s*=)/u.test(serverOptions);

function whyNotVerified(
  { baseBackup }: BaseBackupSubject,
  tool: Tool | undefined,
  planned: Command | undefined,
): string {
  if (baseBackup.noManifest) return '--no-manifest omitted the manifest to verify the files against';
  if (planned !== undefined) return `${planned.program} does not exist`;
  if (baseBackup.format === 'tar')
    return `pg_verifybackup reads archives only in 18 and later, and this is ${tool?.version ?? 'none'}`;
  return 'the base backup is not on this host';
}

/** A command as it can be pasted. */
export const commandText = ({ program, args }: Command): string => [program, ...args].map(shellWord).join(' ');

/** What --dry-run shows: whole commands, in their order. */
export function printedCommands(
  commands: CloneCommands,
  { baseBackup }: BaseBackupSubject,
  needsPassword: boolean,
  { width, paint, scene }: TextContext,
): readonly string[] {
  const { copy, verify, start, without, freePort } = commands;
  const asked = baseBackup.forcePassword || needsPassword ? ' -W' : '';
  const shown = (text: string): string => `  ${paint.prompt(`${machineName('client', scene)}$`)} ${printable(text)}`;
  const remark = (text: string): readonly string[] => indent(wrap(text, width - 2), 2).map((line) => paint.quiet(line));
  return [
    ...(copy === undefined ? remark(`No base backup: ${without.copy}.`) : [shown(`${commandText(copy)}${asked}`)]),
    ...(verify === undefined ? remark(`No pg_verifybackup: ${without.verify}.`) : [shown(commandText(verify))]),
    ...(freePort === undefined
      ? []
      : remark(`Port ${freePort.taken} is in use on this machine; ${freePort.free} is free.`)),
    ...(start === undefined ? [] : [shown(commandText(start.start))]),
    '',
    ...remark('Nothing was run (--dry-run).'),
  ];
}
