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
    if (long !== undefined && value !== undefined) found.push(...named(long, value));
    else if (word.startsWith('-')) found.push(...named(word.slice(0, 2), word.slice(2)));
    else if (before !== undefined && (kindOf(before) !== undefined || takesValue(program, before)))
      found.push(...named(before, word));
    else if (program === '' || wrappers.has(program)) {
      if (!/^\w+=|^[\d.]+[smhd]?$/u.test(word)) [program, operands] = [posix.basename(word), 0];
    } else {
      operands += 1;
      const [, machine] = /^(?:[^@/\s]*@)?([a-z\d][\w.-]*):(?!:?\/\/)/iu.exec(word) ?? [];
      if (machine !== undefined && machine.length > 1) found.push(['host', machine]);
      else if (loginShells.has(program) && operands === 1) found.push(['host', word.replace(/^.*@/u, '')]);
      else if (program.startsWith('barman-wal-') && operands <= 2) found.push([operands === 1 ? 'host' : 'name', word]);
      else if (program.startsWith('barman-cloud-') && operands === 2) found.push(['name', word]);
    }
  }
  return found.filter(([, name]) => !/[%$/*]/u.test(name));
}

const loginShells: ReadonlySet<string> = new Set(['ssh', 'rsh', 'sftp', 'slogin']);
const wrappers: ReadonlySet<string> = new Set(
  'timeout nice ionice nohup sudo env exec time sshpass if then test [ !'.split(' '),
);

/** Options of ssh and scp whose value is the next word (ssh(1), scp(1)). */
const takesValue = (program: string, option: string): boolean =>
  (loginShells.has(program) || program === 'scp' || program === 'rsync') && /^-[bcDEeFIiJLlmOopQRSWw]$/u.test(option);

const kindOf = (option: string): NameKind | undefined => options[option];

const named = (option: string, value: string): readonly (readonly [NameKind, string])[] => {
  const kind = kindOf(option);
  return kind === undefined || value === '' ? [] : [[kind, value]];
};

const options: Readonly<Record<string, NameKind>> = {
  '-h': 'host',
  '--host': 'host',
  '--repo1-host': 'host',
  '--pg1-host': 'host',
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
