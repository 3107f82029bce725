import { formatBytes } from '../../postgres/bytes.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { DataDirectory } from '../../facts/data-directory.ts';
import type { StandbyControl } from '../../facts/standby-configuration.ts';
import { bytesOf, readSetting, settingDefinition } from '../../postgres/settings.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { createdAgain } from '../../remedies/container-again.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import {
  fittingSettings,
  lowerTheOthers,
  memoryFault,
  memoryText,
  mostWanted,
  segmentFault,
} from '../../derived/memory-fault.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import type { Fault } from '../../findings/judgement.ts';
import type { Step } from '../../findings/report.ts';

export const memoryTooSmall = defineRule({
  id: 'standby/memory-too-small',
  title: 'The server needs more shared memory than this machine has',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'standbyConfiguration', 'localMemory', 'now'],
  wants: ['serverJudgement', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  says: ['could not map anonymous shared memory: Cannot allocate memory'],
  messages: ['dsm-open'],
  docs: {
    what: 'While the server is down, compares the shared memory that its settings require with the memory, swap, huge pages and limits of this machine.',
    why: 'Settings are copied with the data directory. A standby with less memory than its primary cannot allocate its shared memory and does not start. The message appears before the logging collector starts, so it is not in the log directory.',
    notes:
      'In 15 and later, the server itself reports how much it needs, including preloaded libraries (`postgres -C shared_memory_size`, run on a scratch directory with a copy of pg_control). If it could not be run, only shared_buffers and min_dynamic_shared_memory are compared, and the server needs a few percent more. /dev/shm is checked too, and while the server runs but accepts no session as well: with dynamic_shared_memory_type = posix, the server creates a segment there at every start. In a control group, the kernel allows the allocation and kills the server when it uses the memory: that is a warning.',
    references: [
      'src/backend/port/sysv_shmem.c: CreateAnonymousSegment()',
      'Managing Kernel Resources: https://www.postgresql.org/docs/current/kernel-resources.html',
    ],
  },
  judge(facts) {
    const { dataDirectory, standbyConfiguration, localMemory } = facts;
    const { major, postmaster, path } = dataDirectory;
    const value = (name: string): string | undefined => standbyConfiguration.files.settings.get(name)?.value;
    const noSegments = segmentFault(value('dynamic_shared_memory_type') ?? 'posix', localMemory);
    if (postmaster?.process === 'running') {
      const refusal = segmentRefusal(facts.runningStandby);
      if (noSegments === undefined || refusal === undefined)
        return notApplicable('the server is running, so it has its memory');
      return fail(withoutSessions(noSegments, refusal, facts));
    }
    if (noSegments !== undefined) return fail(withoutSegments(noSegments, facts));
    const set = value('shared_buffers');
    const said = ifSeen(facts.serverJudgement)?.sharedMemory;
    const sizes = (name: string): number | undefined => sizeOf(name, value(name), major ?? 15);
    const buffers = sizes('shared_buffers');
    const segments = sizes('min_dynamic_shared_memory') ?? 0;
    const bytes = said?.bytes ?? (segments > 0 ? (buffers ?? usualBuffers) + segments : buffers);
    if (bytes === undefined) return pass('shared_buffers has its default');
    const shares = { buffers: buffers ?? usualBuffers, segments };
    const wanted = { bytes, hugePages: value('huge_pages') ?? 'try', shares };
    const fault = memoryFault(wanted, localMemory);
    if (fault === undefined)
      return pass(
        `${said?.source ?? `shared_buffers = ${set}`}: ${formatBytes(bytes)}; this machine has ${memoryText(localMemory)}`,
      );
    const most = mostWanted(wanted);
    const named = fault.lacksHugePages === true ? 'huge_pages' : (most ?? 'shared_buffers');
    const source = standbyConfiguration.files.settings.get(named)?.source;
    const asked = most === undefined ? undefined : value(most);
    const others = most === undefined && memoryFault({ ...wanted, hugePages: 'try' }, localMemory) !== undefined;
    return fail({
      severity: fault.refused ? 'error' : 'warning',
      title: fault.lacksHugePages
        ? 'huge_pages is on, but this machine has too few huge pages'
        : asked === undefined
          ? `The server needs ${formatBytes(bytes)} of shared memory, more than this machine has`
          : `${named} is ${asked}, more than this machine has`,
      message: `The settings of ${path} require ${formatBytes(bytes)} of shared memory, but ${fault.why}. ${fault.refused ? 'The server does not start.' : 'The kernel kills the server when it uses this memory.'}`,
      where: at(
        'standby',
        undefined,
        source?.kind === 'file' ? source.file : path,
        source?.kind === 'file' ? source.line : undefined,
      ),
      evidence: [
        evidence(
          named,
          value(named) ?? 'default',
          source?.kind === 'file'
            ? `${source.file}, line ${source.line}`
            : source === undefined
              ? 'no file'
              : 'command line',
        ),
        ...(said === undefined ? [] : [evidence('shared_memory_size', formatBytes(bytes), said.source)]),
        evidence('memory', memoryText(localMemory), '/proc/meminfo'),
      ],
      remedy: safe(
        fault.lacksHugePages === true
          ? 'Let the server start without huge pages, and start it. (To use them, set vm.nr_hugepages first.)'
          : 'Reduce the memory settings to what this machine has, and start the server.',
        ...(others ? [manual('standby', lowerTheOthers)] : []),
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

/** The default of shared_buffers, as initdb writes it where the machine has room. */
const usualBuffers = 128 * 1024 * 1024;

function sizeOf(name: string, set: string | undefined, major: number): number | undefined {
  const definition = settingDefinition(name, major);
  const read = definition === undefined || set === undefined ? undefined : readSetting(definition, set);
  const unit = name === 'shared_buffers' ? '8kB' : 'MB';
  return read?.ok === true && typeof read.value === 'number' ? Number(bytesOf(read.value, unit)) : undefined;
}

/** What a session of the standby's server ended with, where it is that it got no segment (storage/ipc/dsm_impl.c). */
function segmentRefusal(runningStandby: Observed<unknown>): string | undefined {
  if (runningStandby.status !== 'unseen') return undefined;
  return /could not resize shared memory segment[^;]*/u.exec(runningStandby.why.because)?.[0];
}

/** It started, and each session needs a segment of more than there is room for. */
function withoutSessions(why: string, refusal: string, { dataDirectory, standbyControl }: Seen): Fault {
  return {
    title: 'The server accepts no session: /dev/shm is too small',
    message: `The server is running, but ${why}. Each session needs a shared memory segment there, and ends when it does not get one.`,
    where: at('standby', undefined, '/dev/shm'),
    evidence: [evidence('a session', refusal, "the standby's server"), evidence('/dev/shm', why, 'the file system')],
    remedy: disruptive(
      'Give the server a larger /dev/shm, and restart it.',
      ...(larger(standbyControl) ?? [
        manual('standby', 'As root: mount -o remount,size=50% /dev/shm'),
        intoUse(standbyControl, dataDirectory),
      ]),
    ),
  };
}

const larger = (control: Observed<StandbyControl>): readonly Step[] | undefined =>
  createdAgain(ifSeen(control)?.control, '--shm-size 256m (in a compose file, shm_size: 256m)', {
    options: ['--shm-size', '256m'],
  });

function withoutSegments(why: string, { dataDirectory, standbyControl }: Seen): Fault {
  return {
    title: `The server cannot create its shared memory: ${why}`,
    message: `${why}, and dynamic_shared_memory_type is posix: the server creates a segment there at startup, and does not start without it.`,
    where: at('standby', undefined, '/dev/shm'),
    evidence: [evidence('/dev/shm', why, 'the file system')],
    remedy: safe(
      'Make room in /dev/shm, and start the server.',
      ...(larger(standbyControl) ?? [
        manual(
          'standby',
          'As root: mount -t tmpfs -o rw,nosuid,nodev,mode=1777,size=50% tmpfs /dev/shm. If it is mounted but full, remove what other programs left in it.',
        ),
        intoUse(standbyControl, dataDirectory),
      ]),
    ),
  };
}

interface Seen {
  readonly dataDirectory: DataDirectory;
  readonly standbyControl: Observed<StandbyControl>;
}
