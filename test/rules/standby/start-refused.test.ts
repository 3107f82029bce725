import type { DebianCluster, StartMode } from '../../../src/facts/debian-cluster.ts';
import { startRefused } from '../../../src/rules/standby/start-refused.ts';
import { writtenLines } from '../../../src/postgres/written-lines.ts';
import { testRule, type Changes } from '../rule-tester.ts';
import { notApplicable, unseen } from '../../../src/facts/observed.ts';
import { aDataDirectory, aStoppedDirectory, healthyStandby } from '../standby-world.ts';

const folder = '/etc/postgresql/15/main';
const log = '/var/log/postgresql/postgresql-15-main.log';

const aMode = (mode: StartMode['mode'], text: string = mode): StartMode => ({
  ...{ mode, text, file: `${folder}/start.conf`, line: 3 },
  written: writtenLines(`# Automatic startup configuration\n\n${text}\n`),
});

const down = (change: Partial<DebianCluster>): Changes => ({
  dataDirectory: aStoppedDirectory(),
  runningStandby: unseen('connection', 'no server answers'),
  standbyControl: { control: { kind: 'pg_ctlcluster', version: '15', cluster: 'main' }, running: false },
  debianCluster: {
    ...{ version: '15', cluster: 'main', start: aMode('auto'), refused: [], log, closedLog: undefined },
    ...{ closedStart: undefined, missingLogDirectory: undefined },
    ...change,
  },
});

const lines = "LANG = 'C'\nexport TZ=UTC\nA = b c\n";
const refused = [2, 3].map((line) => ({
  ...{ file: `${folder}/environment`, line, text: lines.split('\n')[line - 1] ?? '' },
  written: writtenLines(lines),
}));
const closed = {
  path: log,
  kind: 'file',
  owner: { uid: 0, name: 'root' },
  own: false,
  mode: 0o600,
  wanted: 'write',
} as const;
const start = 'pg_ctlcluster 15 main start';
const stamp = 'before-2026-11-21T200000';

testRule(
  startRefused,
  {
    passes: [
      {
        name: 'it runs',
        facts: { ...down({ start: aMode('disabled') }), dataDirectory: aDataDirectory() },
        because: /is running/,
      },
      { name: 'it starts with the machine', facts: down({}), because: /start\.conf says auto/ },
      { name: 'it is started by hand', facts: down({ start: aMode('manual') }), because: /start\.conf says manual/ },
      { name: 'without start.conf', facts: down({ start: undefined }), because: /nothing, which means auto/ },
    ],
    notApplicable: [
      {
        name: 'it is not of Debian',
        facts: { ...down({}), debianCluster: notApplicable("it is not a cluster of Debian's packages") },
      },
      {
        name: 'Patroni starts it, and its start by others is forbidden for that',
        facts: {
          ...down({ start: aMode('disabled') }),
          manager: {
            ...{
              kind: 'patroni',
              operator: undefined,
              state: undefined,
              ttlSeconds: 30,
              cluster: 'shop',
              member: 'db2',
            },
            ...{ configFile: '/etc/patroni/config.yml', runs: true, paused: false, writesHba: true, hba: [] },
          },
        },
        because: /the program that manages the server starts it/,
      },
    ],
    unexamined: [
      {
        name: 'nobody looked',
        facts: { ...down({}), debianCluster: unseen('permission', 'not shown') },
        because: /not shown/,
      },
    ],
    fails: [
      {
        name: 'start.conf says disabled',
        facts: down({ start: aMode('disabled') }),
        message: /start\.conf says disabled, so neither pg_ctlcluster nor systemd starts/,
        risk: 'disruptive',
        steps: [
          `cp -p ${folder}/start.conf ${folder}/start.conf.${stamp} &&\nsed -e 3s/disabled/auto/ ${folder}/start.conf.${stamp} > ${folder}/start.conf`,
          start,
        ],
      },
      {
        name: 'start.conf says nothing that is known',
        facts: down({ start: aMode('invalid', 'enabled') }),
        message: /Line 3 of .*start\.conf must say auto, manual or disabled/,
      },
      {
        name: 'the lines of a shell in environment',
        facts: down({ refused }),
        message: /accepts only lines like NAME = 'value'/,
        steps: [
          `cp -p ${folder}/environment ${folder}/environment.${stamp} &&\nsed -e '2,3s/^/# /' ${folder}/environment.${stamp} > ${folder}/environment`,
          start,
        ],
      },
      {
        name: 'lines of postgresql.conf that PostgreSQL reads',
        facts: down({
          refused: [1, 2].map((line) => ({
            ...{ file: `${folder}/postgresql.conf`, line, text: `bgwriter_delay = +${line}00` },
            becomes: `bgwriter_delay = '+${line}00'`,
            written: writtenLines('bgwriter_delay = +100\nbgwriter_delay = +200\n'),
          })),
        }),
        message: /PostgreSQL itself reads it/,
        steps: [
          `cp -p ${folder}/postgresql.conf ${folder}/postgresql.conf.${stamp} &&\nsed -e '1s/+100/'\\''+100'\\''/' ${folder}/postgresql.conf.${stamp} > ${folder}/postgresql.conf`,
          `cp -p ${folder}/postgresql.conf ${folder}/postgresql.conf.${stamp}-2 &&\nsed -e '2s/+200/'\\''+200'\\''/' ${folder}/postgresql.conf.${stamp}-2 > ${folder}/postgresql.conf`,
          start,
        ],
      },
      {
        name: 'start.conf is closed',
        facts: down({ closedStart: { ...closed, path: `${folder}/start.conf`, wanted: 'read' } }),
        message: /reads .*start\.conf as postgres before it starts/,
      },
      {
        name: 'the directory of the log is gone',
        facts: down({ missingLogDirectory: '/var/log/elsewhere' }),
        message: /\/var\/log\/elsewhere does not exist/,
      },
      {
        name: 'the log belongs to root',
        facts: down({ closedLog: closed }),
        message: /opens .*\.log before it starts the server, and postgres may not write to it/,
      },
      {
        name: 'nobody may make the log',
        facts: down({ closedLog: { ...closed, path: '/var/log/postgresql', kind: 'directory', mode: 0o755 } }),
        message: /postgres may not create a file in \/var\/log\/postgresql/,
        steps: [`As root: install -m 0640 -o postgres /dev/null ${log}`, start],
      },
      {
        name: 'the log is in a directory that nobody else may enter',
        facts: down({ closedLog: { ...closed, path: '/var/log/postgresql', kind: 'directory', mode: 0o700 } }),
        steps: ['As root: chown postgres /var/log/postgresql && chmod u+rwx /var/log/postgresql', start],
      },
    ],
  },
  healthyStandby,
);
