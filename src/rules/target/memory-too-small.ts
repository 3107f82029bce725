import { formatBytes } from '../../postgres/bytes.ts';
import { ifSeen } from '../../facts/observed.ts';
import { integerOf, textOf } from '../../facts/settings.ts';
import { bytesOf, readSetting, settingDefinition } from '../../postgres/settings.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { fittingSettings, lowerTheOthers, memoryFault, memoryText } from '../../derived/memory-fault.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const targetMemoryTooSmall = defineRule({
  id: 'target/memory-too-small',
  title: 'This machine does not have enough memory for the copied settings',
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['primary', 'primarySettings', 'localMemory'],
  wants: ['preparedConfiguration'],
  says: ['could not map anonymous shared memory: Cannot allocate memory'],
  docs: {
    what: 'Compares the shared_buffers that the standby will have (those of the primary, or of the configuration that this machine has for the standby) with the memory, the swap, the huge pages and the limits of this machine.',
    why: 'The base backup succeeds, but the standby does not start: the kernel does not give it the shared memory.',
    notes:
      "In 15 and later, this is the primary's shared_memory_size, which includes everything that its settings require; in earlier releases, and for a configuration on this machine, only shared_buffers is compared, and the server needs a few percent more. If only the limit of a control group is exceeded, it is a warning: the server starts, but is killed when it uses its memory.",
    references: [
      'src/backend/port/sysv_shmem.c: CreateAnonymousSegment()',
      'Managing Kernel Resources: https://www.postgresql.org/docs/current/kernel-resources.html',
    ],
  },
  judge({ primary, primarySettings, localMemory, preparedConfiguration }) {
    if (primary.sameMachine) return notApplicable('the primary runs on this machine with the same settings');
    const prepared = ifSeen(preparedConfiguration);
    const own = (name: string): string | undefined => prepared?.settings.get(name)?.value;
    const definition = settingDefinition('shared_buffers', primary.major);
    const set = own('shared_buffers');
    const read = definition === undefined || set === undefined ? undefined : readSetting(definition, set);
    // computed by the primary itself, for all that these settings ask for (15 and later)
    const whole = prepared === undefined ? integerOf(primarySettings, 'shared_memory_size') : undefined;
    const pages =
      prepared === undefined
        ? integerOf(primarySettings, 'shared_buffers')
        : read?.ok === true && typeof read.value === 'number'
          ? read.value
          : undefined;
    const blockSize = integerOf(primarySettings, 'block_size') ?? 8_192;
    const buffers = pages === undefined ? undefined : Number(bytesOf(pages, '8kB', blockSize));
    const bytes = whole === undefined ? buffers : whole * 1024 * 1024;
    if (bytes === undefined) return pass('shared_buffers is not set, or not shown: the default fits everywhere');
    const name = whole === undefined ? 'shared_buffers' : 'shared_memory_size';
    const hugePages = (prepared === undefined ? textOf(primarySettings, 'huge_pages') : own('huge_pages')) ?? 'try';
    const segments =
      whole === undefined ? 0 : (integerOf(primarySettings, 'min_dynamic_shared_memory') ?? 0) * 1024 * 1024;
    const wanted = {
      bytes,
      hugePages,
      ...(whole === undefined ? {} : { shares: { buffers: buffers ?? 0, segments } }),
    };
    const fault = memoryFault(wanted, localMemory);
    if (fault === undefined)
      return pass(`${name} will be ${formatBytes(bytes)}; this machine has ${memoryText(localMemory)}`);
    const smaller = Object.entries(fittingSettings(wanted, localMemory))
      .map(([name, value]) => `${name} = ${value}`)
      .join(' and ');
    return fail({
      severity: fault.refused ? 'error' : 'warning',
      title: fault.lacksHugePages
        ? 'huge_pages is on, but this machine has too few huge pages'
        : `${name} will be ${formatBytes(bytes)}, more than this machine has`,
      message: `The standby will ask for ${formatBytes(bytes)} of shared memory, but ${fault.why}. ${fault.refused ? 'It will not start.' : 'The kernel kills the server when it uses this memory.'}`,
      where: at('client', undefined, prepared?.file),
      evidence: [
        evidence(name, formatBytes(bytes), prepared?.file ?? 'pg_settings of the primary'),
        evidence('memory', memoryText(localMemory), '/proc/meminfo'),
      ],
      remedy: safe(
        'Lower the memory settings before the standby starts.',
        manual(
          'client',
          smaller === ''
            ? lowerTheOthers
            : prepared === undefined
              ? `After the base backup and before the first start, add this at the end of postgresql.auto.conf in the new data directory: ${smaller}`
              : `Add this at the end of ${prepared.file}: ${smaller}`,
        ),
      ),
    });
  },
});
