import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { DataDirectory, StandbyControl } from '../../facts/standby.ts';
import { bytesOf, readSetting, settingDefinition } from '../../postgres/settings.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { fittingSettings, memoryFault, memoryText, segmentFault, text } from '../shared-memory.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import type { Fault } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { intoUse } from './signal.ts';

export const memoryTooSmall = defineRule({
  id: 'standby/memory-too-small',
  title: 'The server asks for more shared memory than this machine can give',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'standbyConfiguration', 'localMemory', 'now'],
  wants: ['serverJudgement', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  says: [
    'could not map anonymous shared memory: Cannot allocate memory',
    'could not open shared memory segment "%s": %s',
  ],
  docs: {
    what: 'Compares, while the server is down, the shared memory that its settings ask for with the memory, the swap, the huge pages and the limits of this machine.',
    why: 'Settings are copied with the data directory. A standby with less memory than its primary is refused its shared memory, and does not start; its message comes before the logging collector starts, and is not in the log directory.',
    notes:
      'From 15 on the server itself says how much it will ask for (`postgres -C shared_memory_size`, run on a scratch directory with a copy of pg_control), preloaded libraries included. Where it could not be asked, shared_buffers alone is compared, and the server needs some percent more. /dev/shm is looked at too: dynamic_shared_memory_type = posix makes a segment there at every start. Within a control group the kernel allows the memory and ends the server when it uses it: that is a warning.',
    references: [
      'backend/port/sysv_shmem.c, CreateAnonymousSegment()',
      'https://www.postgresql.org/docs/current/kernel-resources.html',
    ],
  },
  judge(facts) {
    const { dataDirectory, standbyConfiguration, localMemory } = facts;
    const { major, postmaster, path } = dataDirectory;
    if (postmaster?.process === 'running') return notApplicable('the server runs: it has its memory');
    const value = (name: string): string | undefined => standbyConfiguration.files.settings.get(name)?.value;
    const noSegments = segmentFault(value('dynamic_shared_memory_type') ?? 'posix', localMemory);
    if (noSegments !== undefined) return fail(withoutSegments(noSegments, facts));
    const set = value('shared_buffers');
    const said = ifSeen(facts.serverJudgement)?.sharedMemory;
    const bytes = said?.bytes ?? buffersOf(set, major ?? 15);
    if (bytes === undefined) return pass('shared_buffers has its default');
    const wanted = { bytes, hugePages: value('huge_pages') ?? 'try' };
    const fault = memoryFault(wanted, localMemory);
    if (fault === undefined)
      return pass(
        `${said?.source ?? `shared_buffers = ${set}`}: ${text(bytes)}; this machine has ${memoryText(localMemory)}`,
      );
    const source = standbyConfiguration.files.settings.get('shared_buffers')?.source;
    return fail({
      severity: fault.refused ? 'error' : 'warning',
      title:
        set === undefined
          ? `The server needs ${text(bytes)} of shared memory: more than this machine can give`
          : `shared_buffers is ${set}: more than this machine can give`,
      message: `The settings of ${path} ask for ${text(bytes)} of shared memory, and ${fault.why}. ${fault.refused ? 'The server does not start.' : 'The kernel ends the server when it uses this memory.'}`,
      where: at(
        'standby',
        undefined,
        source?.kind === 'file' ? source.file : path,
        source?.kind === 'file' ? source.line : undefined,
      ),
      evidence: [
        evidence(
          'shared_buffers',
          set ?? 'default',
          source?.kind === 'file'
            ? `${source.file}, line ${source.line}`
            : source === undefined
              ? 'no file'
              : 'command line',
        ),
        ...(said === undefined ? [] : [evidence('shared_memory_size', text(bytes), said.source)]),
        evidence('memory', memoryText(localMemory), '/proc/meminfo'),
      ],
      remedy: safe(
        'Ask for what this machine can give, and start the server.',
        ...changeOnStandby(
          {
            ...facts,
            dataDirectory: { status: 'seen', value: dataDirectory, source: path },
            standbyConfiguration: { status: 'seen', value: standbyConfiguration, source: path },
          },
          fittingSettings(wanted, localMemory),
          'restart',
        ),
      ),
    });
  },
});

function buffersOf(set: string | undefined, major: number): number | undefined {
  const definition = settingDefinition('shared_buffers', major);
  const read = definition === undefined || set === undefined ? undefined : readSetting(definition, set);
  return read?.ok === true && typeof read.value === 'number' ? Number(bytesOf(read.value, '8kB')) : undefined;
}

function withoutSegments(why: string, { dataDirectory, standbyControl }: Seen): Fault {
  return {
    title: `The server cannot make its shared memory: ${why}`,
    message: `${why}, and dynamic_shared_memory_type is posix: the server makes a segment there at its start, and does not start without it.`,
    where: at('standby', undefined, '/dev/shm'),
    evidence: [evidence('/dev/shm', why, 'the file system')],
    remedy: safe(
      'Give the server its /dev/shm, and start it.',
      manual(
        'standby',
        'As root: mount -t tmpfs -o rw,nosuid,nodev,mode=1777,size=50% tmpfs /dev/shm (in a container: start it with --shm-size=1g). Where it is mounted and full, remove what other programs left there.',
      ),
      intoUse(standbyControl, dataDirectory),
    ),
  };
}

interface Seen {
  readonly dataDirectory: DataDirectory;
  readonly standbyControl: Observed<StandbyControl>;
}
