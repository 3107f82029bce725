import { bytesOf, readSetting, settingDefinition } from '../../postgres/settings.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { fittingSettings, memoryFault, memoryText, text } from '../shared-memory.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const memoryTooSmall = defineRule({
  id: 'standby/memory-too-small',
  title: 'shared_buffers is more than this machine can give',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'standbyConfiguration', 'localMemory', 'now'],
  wants: ['standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  says: ['could not map anonymous shared memory: Cannot allocate memory'],
  docs: {
    what: 'Compares, while the server is down, the shared memory that its settings ask for with the memory, the swap, the huge pages and the limits of this machine.',
    why: 'Settings are copied with the data directory. A standby with less memory than its primary is refused its shared memory, and does not start; its message comes before the logging collector starts, and is not in the log directory.',
    notes:
      'shared_buffers alone is compared: the server needs some percent more. Within a control group the kernel allows the memory and ends the server when it uses it: that is a warning.',
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
    const definition = settingDefinition('shared_buffers', major ?? 15);
    const set = value('shared_buffers');
    const read = definition === undefined || set === undefined ? undefined : readSetting(definition, set);
    if (set === undefined || read?.ok !== true || typeof read.value !== 'number')
      return pass('shared_buffers has its default');
    const bytes = Number(bytesOf(read.value, '8kB'));
    const wanted = { bytes, hugePages: value('huge_pages') ?? 'try' };
    const fault = memoryFault(wanted, localMemory);
    if (fault === undefined) return pass(`shared_buffers is ${set}; this machine has ${memoryText(localMemory)}`);
    const source = standbyConfiguration.files.settings.get('shared_buffers')?.source;
    return fail({
      severity: fault.refused ? 'error' : 'warning',
      title: `shared_buffers is ${set}: more than this machine can give`,
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
          set,
          source?.kind === 'file' ? `${source.file}, line ${source.line}` : 'command line',
        ),
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
