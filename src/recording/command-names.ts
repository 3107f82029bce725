import { posix } from 'node:path';

import { shellWords } from '../postgres/restore-command.ts';
import type { NameKind } from './name-kind.ts';

/**
 * Names in a command line, as archive_command and restore_command are: the machine that ssh, scp and rsync go to, and what
 * the options of PostgreSQL's, pgBackRest's and Barman's programs name.
 */
export function namesInCommand(command: string): readonly (readonly [NameKind, string])[] {
  const found: (readonly [NameKind, string])[] = [];
  let program = '';
  let operands = 0;
  let option: string | undefined;
  for (const word of shellWords(command)) {
    if (/^(?:&&|\|\||[;|()]|\d?>>?|<)$/u.test(word)) {
      [program, operands, option] = ['', 0, undefined];
      continue;
    }
    const [, long, value] = /^(--[a-z\d-]+)(?:=(.*))?$/u.exec(word) ?? [];
    const before = option;
    option = value === undefined && word.startsWith('-') ? word : undefined;
    if (long !== undefined && value !== undefined) found.push(...named(program, long, value));
    else if (word.startsWith('-')) found.push(...named(program, word.slice(0, 2), word.slice(2)));
    else if (before !== undefined && shells.has(program) && /^-[a-z]*c$/u.test(before))
      found.push(...namesInCommand(word));
    else if (before !== undefined && takesValue(program, before)) found.push(...named(program, before, word));
    else if (program in operandOf && operands === 0) {
      operands = 1;
      const kind = operandOf[program];
      if (kind !== undefined) found.push([kind, word.replace(/:.*$/u, '')]);
    } else if (program === '' || wrappers.has(program) || program in operandOf) {
      if (!/^\w+=|^[\d.]+[smhd]?$/u.test(word)) [program, operands] = [posix.basename(word), 0];
    } else {
      operands += 1;
      const [, machine] = /^(?:[^@/\s]*@)?([a-z\d][\w.-]*):(?!:?\/\/)/iu.exec(word) ?? [];
      const [, dialled] =
        (program === 'socat' && /^(?:tcp|openssl|udp|sctp)\d?(?:-connect)?:([^:,]+)/iu.exec(word)) || [];
      if (dialled !== undefined) found.push(['host', dialled]);
      else if (program === 'socat') continue;
      else if (machine !== undefined && machine.length > 1) found.push(['host', machine]);
      else if (executors.has(program) && word === 'exec') [program, operands] = ['container', 0];
      else if (dialling.has(program) && operands === 1) found.push(['host', word.replace(/^.*@/u, '')]);
      else if (program.startsWith('barman-wal-') && operands <= 2) found.push([operands === 1 ? 'host' : 'name', word]);
      else if (program.startsWith('barman-cloud-') && operands === 2) found.push(['name', word]);
    }
  }
  return found.filter(([, name]) => !/[%$/*]/u.test(name));
}

const loginShells: ReadonlySet<string> = new Set(['ssh', 'rsh', 'sftp', 'slogin']);
/** Their first operand is a machine. */
const dialling: ReadonlySet<string> = new Set([...loginShells, ...'nc ncat netcat telnet ftp lftp ping'.split(' ')]);
const executors: ReadonlySet<string> = new Set(['docker', 'podman', 'kubectl', 'docker-compose']);
const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'su', 'runuser']);
const wrappers: ReadonlySet<string> = new Set(
  'timeout nice ionice nohup sudo env exec time sshpass if then test [ !'.split(' '),
);

/** Wrappers that take an operand before the command, and what it names: flock(1), taskset(1), chrt(1), chroot(8), gosu, su-exec. */
const operandOf: Readonly<Record<string, NameKind | undefined>> = {
  flock: undefined,
  taskset: undefined,
  chrt: undefined,
  chroot: undefined,
  gosu: 'role',
  'su-exec': 'role',
  container: 'name',
};

/** Options whose value may be the next word, by their letters: ssh(1), scp(1), rsync(1), sudo(8), sshpass(1), nice(1). */
const lettersOf: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...loginShells].map((name) => [name, 'bcDEeFIiJLlmOopQRSWw'])),
  scp: 'cDFiJloPSX',
  rsync: 'BefMT',
  ...Object.fromEntries('nc ncat netcat'.split(' ').map((name) => [name, 'ipqswXx'])),
  ...Object.fromEntries('ftp lftp'.split(' ').map((name) => [name, 'cefpu'])),
  flock: 'wEc',
  container: 'cenuw',
  sudo: 'CDgpRrTtUu',
  sshpass: 'dfpP',
  nice: 'n',
  ionice: 'cnp',
  timeout: 'ks',
  env: 'CSu',
};

function takesValue(program: string, option: string): boolean {
  const letters = lettersOf[program];
  return letters === undefined || option.startsWith('--')
    ? kindOf(option) !== undefined
    : letters.includes(option.slice(1));
}

const kindOf = (option: string): NameKind | undefined =>
  /^--(?:repo|pg)\d+-host$/u.test(option) ? 'host' : options[option];

function named(program: string, option: string, value: string): readonly (readonly [NameKind, string])[] {
  if (value === '' || !takesValue(program, option)) return [];
  // ssh_config(5)
  const [, keyword = '', given = ''] = (option === '-o' && /^(\w+)=(.+)$/u.exec(value)) || [];
  if (keyword !== '') return /^(?:proxyjump|hostname)$/iu.test(keyword) ? [['host', given]] : [];
  const kind = (program === 'sudo' || program === 'container') && option === '-u' ? 'role' : kindOf(option);
  return kind === undefined ? [] : [[kind, value]];
}

const options: Readonly<Record<string, NameKind>> = {
  '-h': 'host',
  '--host': 'host',
  '-J': 'host',
  '-U': 'role',
  '-l': 'role',
  '--user': 'role',
  '--username': 'role',
  '--dbname': 'database',
  '--stanza': 'name',
  '--slot': 'name',
  '--cluster': 'name',
  '--server': 'name',
};
