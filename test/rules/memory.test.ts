import { notApplicable, unseen } from '../../src/facts/observed.ts';
import type { LocalMemory } from '../../src/facts/memory.ts';
import { lowerTheOthers } from '../../src/derived/memory-fault.ts';
import { memoryTooSmall } from '../../src/rules/standby/memory-too-small.ts';
import { targetMemoryTooSmall } from '../../src/rules/target/memory-too-small.ts';
import { testRule } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import { aConfiguration, aStoppedDirectory, directory, healthyStandby } from './standby-world.ts';
import { aPrimary, someSettings } from './world.ts';

const GB = 1024 ** 3;
const memory = (change: Partial<LocalMemory> = {}): LocalMemory => ({
  total: 8 * GB,
  swap: GB,
  overcommit: 0,
  committable: 4 * GB,
  hugePageSize: 2 * 1024 ** 2,
  hugePagesFree: 0,
  controlGroupLimit: undefined,
  ...change,
});

const buffers = (gigabytes: number, hugePages = 'try') => ({
  primarySettings: someSettings({
    shared_buffers: { value: String((gigabytes * GB) / 8_192), unit: '8kB' },
    huge_pages: hugePages,
  }),
});

testRule(targetMemoryTooSmall, {
  passes: [
    { name: 'it fits', facts: { ...buffers(4), localMemory: memory() }, because: /shared_buffers will be 4 GB/ },
    {
      name: 'overcommit 1 refuses nothing that fits',
      facts: { ...buffers(8), localMemory: memory({ overcommit: 1 }) },
    },
    { name: 'huge pages that are there', facts: { ...buffers(1, 'on'), localMemory: memory({ hugePagesFree: 600 }) } },
  ],
  notApplicable: [
    {
      name: 'the same machine',
      facts: { ...buffers(16), localMemory: memory(), primary: aPrimary({ sameMachine: true }) },
    },
  ],
  fails: [
    {
      name: 'more than memory and swap',
      facts: { ...buffers(16), localMemory: memory() },
      message: /ask for 16 GB of shared memory, but this machine has 9 GB of memory and swap\. It will not start/,
      steps: [
        'After the base backup and before the first start, add this at the end of postgresql.auto.conf in the new data directory: shared_buffers = 2048MB',
      ],
    },
    {
      name: 'no huge pages',
      facts: { ...buffers(1, 'on'), localMemory: memory() },
      message: /huge_pages is on/,
      steps: [
        'After the base backup and before the first start, add this at the end of postgresql.auto.conf in the new data directory: huge_pages = try',
      ],
    },
    {
      name: 'all that the primary asks for, where it says so',
      facts: {
        primarySettings: someSettings({
          shared_buffers: { value: String(GB), unit: '8kB' },
          shared_memory_size: { value: '12288', unit: 'MB' },
          huge_pages: 'try',
        }),
        localMemory: memory(),
      },
      message: /ask for 12 GB of shared memory/,
    },
    {
      name: 'memory that is set aside for segments',
      facts: {
        primarySettings: someSettings({
          shared_buffers: { value: '16384', unit: '8kB' },
          shared_memory_size: { value: '20640', unit: 'MB' },
          min_dynamic_shared_memory: { value: '20480', unit: 'MB' },
          huge_pages: 'try',
        }),
        localMemory: memory(),
      },
      steps: [
        'After the base backup and before the first start, add this at the end of postgresql.auto.conf in the new data directory: min_dynamic_shared_memory = 0',
      ],
    },
    {
      name: 'locks of many connections',
      facts: {
        primarySettings: someSettings({
          shared_buffers: { value: '16384', unit: '8kB' },
          shared_memory_size: { value: '20640', unit: 'MB' },
          huge_pages: 'try',
        }),
        localMemory: memory(),
      },
      steps: [lowerTheOthers],
    },
    { name: 'no overcommit', facts: { ...buffers(6), localMemory: memory({ overcommit: 2 }) }, message: /is 2/ },
    {
      name: 'more than the control group has',
      facts: { ...buffers(2), localMemory: memory({ controlGroupLimit: GB }) },
      severity: 'warning',
    },
    {
      name: 'prepared on this machine',
      facts: {
        localMemory: memory(),
        preparedConfiguration: {
          file: '/etc/postgresql/15/standby/postgresql.conf',
          settings: new Map([
            ['shared_buffers', { value: '20GB', file: '/etc/postgresql/15/standby/postgresql.conf', line: 3 }],
          ]),
          port: undefined,
        },
      },
      steps: ['Add this at the end of /etc/postgresql/15/standby/postgresql.conf: shared_buffers = 2048MB'],
    },
  ],
});

const down: Changes = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: notApplicable('no server runs'),
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/usr/lib/postgresql/15/bin' },
    running: false,
  },
};
const asking = (value: string): Changes => ({
  ...down,
  localMemory: memory(),
  standbyConfiguration: aConfiguration([['shared_buffers', value]]),
});

const starts =
  '/usr/lib/postgresql/15/bin/pg_ctl start -D /var/lib/postgresql/15/standby -w -l /var/lib/postgresql/15/standby/server.log';
const lessSegments = `cp -p /var/lib/postgresql/15/standby/postgresql.auto.conf /var/lib/postgresql/15/standby/postgresql.auto.conf.before-2026-11-21T200000 &&\nprintf '\\n%s\\n' 'min_dynamic_shared_memory = '\\''0'\\''' >> /var/lib/postgresql/15/standby/postgresql.auto.conf`;
const judging = (bytes: number) => ({
  program: '/usr/lib/postgresql/15/bin/postgres',
  refused: [],
  stoppedEarly: false,
  sharedMemory: { bytes, source: '/usr/lib/postgresql/15/bin/postgres -C shared_memory_size' },
});
const noRoom = memory({ posixSegments: { state: 'usable', freeBytes: 4_096 } });
const refused =
  'the standby\'s server was not asked: postgres: could not resize shared memory segment "/PostgreSQL.40" to 1048576 bytes: No space left on device; root: role "root" does not exist';

testRule(
  memoryTooSmall,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'it fits', facts: asking('4GB') },
      { name: 'the default', facts: down },
      {
        name: 'segments are made elsewhere',
        facts: {
          ...asking('4GB'),
          localMemory: memory({ posixSegments: { state: 'missing', freeBytes: 0 } }),
          standbyConfiguration: aConfiguration([['dynamic_shared_memory_type', 'mmap']]),
        },
      },
    ],
    fails: [
      {
        name: 'more than memory and swap',
        facts: asking('64GB'),
        message: /\/var\/lib\/postgresql\/15\/standby require 64 GB of shared.*and swap\. The server does not start/,
        risk: 'safe',
      },
      {
        name: 'the buffers fit, and the whole does not, as the server itself says',
        facts: {
          ...asking('8GB'),
          serverJudgement: {
            program: '/usr/lib/postgresql/15/bin/postgres',
            refused: [],
            stoppedEarly: false,
            sharedMemory: { bytes: 10 * GB, source: '/usr/lib/postgresql/15/bin/postgres -C shared_memory_size' },
          },
        },
        message: /\/var\/lib\/postgresql\/15\/standby require 10 GB of shared memory/,
      },
      {
        name: 'memory that is set aside for segments, as the server itself says',
        facts: {
          ...down,
          localMemory: memory(),
          standbyConfiguration: aConfiguration([
            ['shared_buffers', '16MB'],
            ['min_dynamic_shared_memory', '20GB'],
          ]),
          serverJudgement: judging(20.1 * GB),
        },
        message: /require 20 GB of shared memory/,
        steps: [lessSegments, starts],
      },
      {
        name: 'the same, where the server does not say it',
        facts: {
          ...down,
          localMemory: memory(),
          standbyConfiguration: aConfiguration([['min_dynamic_shared_memory', '20GB']]),
        },
        steps: [lessSegments, starts],
      },
      {
        name: 'locks of many connections, as the server itself says',
        facts: { ...asking('128MB'), serverJudgement: judging(20 * GB) },
        message: /require 20 GB of shared memory/,
        steps: [lowerTheOthers, starts],
      },
      {
        name: 'huge pages are demanded, and none are free',
        facts: {
          ...down,
          localMemory: memory(),
          standbyConfiguration: aConfiguration([
            ['shared_buffers', '1GB'],
            ['huge_pages', 'on'],
          ]),
        },
        message: /but huge_pages is on, and 0 bytes of huge pages are free/,
      },
      ...(['missing', 'read-only', 'not-writable'] as const).map((state) => ({
        name: `/dev/shm is ${state}`,
        facts: { ...down, localMemory: memory({ posixSegments: { state, freeBytes: GB } }) },
        severity: 'error' as const,
        message: /server creates a segment there at startup, and does not start/,
      })),
      {
        name: '/dev/shm is full',
        facts: { ...down, localMemory: memory({ posixSegments: { state: 'usable', freeBytes: 4_096 } }) },
        message: /\/dev\/shm has 4 kB left/,
      },
      {
        name: 'it runs, and /dev/shm has no room for a session',
        facts: { localMemory: noRoom, runningStandby: unseen('connection', refused) },
        severity: 'error',
        message: /is running, but \/dev\/shm has 4 kB left\. Each session needs/,
      },
      {
        name: 'it runs in a container, which is created again',
        facts: {
          localMemory: noRoom,
          runningStandby: unseen('connection', refused),
          standbyControl: { control: { kind: 'container', name: 'pg', dataDirectory: directory }, running: true },
        },
        severity: 'error',
        steps: [
          'Create the container pg again with --shm-size 256m (in a compose file, shm_size: 256m), and otherwise as it is: docker stop pg && docker rename pg pg-old && docker update --restart no pg-old, then docker run with the same image, volumes (--volumes-from pg-old), network and options. A restart alone changes nothing.',
        ],
      },
    ],
    notApplicable: [
      { name: 'it has used it up, and answers', facts: { localMemory: noRoom } },
      {
        name: 'it lets no session in for another reason',
        facts: { localMemory: noRoom, runningStandby: unseen('connection', "the standby's server was not asked: no") },
      },
      {
        name: 'it was refused, and there is room by now',
        facts: { localMemory: memory(), runningStandby: unseen('connection', refused) },
      },
    ],
  },
  healthyStandby,
);
