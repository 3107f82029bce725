import type { Step } from '../findings/report.ts';
import { formatHbaLine } from '../postgres/hba-format.ts';
import type { MessageValues } from '../postgres/messages/message-format.ts';
import { identifier, shellWord } from './quoting.ts';
import { manual, shell, reload, sql } from './remedy.ts';
import { slotMade } from './reversible.ts';

/**
 * What fixes the fault that a message names, as far as its own words tell: the role, the address, the slot, the file.
 * Empty where they do not tell enough for something to be typed.
 *
 * @param id of the message in the catalogue, or of the one whose wording this is
 */
export function stepsFromMessage(id: string, values: MessageValues): readonly Step[] {
  const { role, host, slot, directory, file, encryption, parameter, primaryValue, pid } = values;
  switch (id) {
    case 'no-hba-replication':
      return role === undefined ? [] : hbaSteps(role, host, encryption ?? '');
    case 'hba-rejects-replication':
      return [
        manual(
          'primary',
          `Remove or move the line of pg_hba.conf that rejects ${role ?? 'this role'}${host === undefined ? '' : ` from ${host}`}, then reload.`,
        ),
        reload('primary'),
      ];
    case 'role-not-permitted-login':
      return role === undefined ? [] : [sql('primary', `ALTER ROLE ${identifier(role)} LOGIN;`, 'change-role')];
    case 'slot-does-not-exist':
      return slot === undefined ? [] : [slotMade(slot)];
    case 'slot-is-active':
      return slot === undefined || pid === undefined
        ? []
        : [
            sql(
              'primary',
              `SELECT pid, application_name, client_addr, state FROM pg_stat_replication WHERE pid = ${pid};`,
              'look',
            ),
            manual(
              'primary',
              `If that connection is dead, end it: SELECT pg_terminate_backend(${pid}); otherwise give each standby its own slot.`,
            ),
          ];
    case 'data-dir-invalid-permissions':
      return directory === undefined
        ? []
        : [shell('standby', `chmod 0700 ${shellWord(directory)}`, 'change-mode', directory)];
    case 'libpq-pgpass-perms':
      return file === undefined ? [] : [shell('standby', `chmod 0600 ${shellWord(file)}`, 'change-mode', file)];
    case 'recovery-aborted-params':
    case 'hot-standby-not-possible':
      return parameter === undefined || primaryValue === undefined
        ? []
        : [
            manual(
              'standby',
              `Add this line to postgresql.conf of the standby, then start it again:\n${parameter} = ${primaryValue}`,
            ),
          ];
    default:
      return [];
  }
}

/** The narrowest line that lets this role in from there. */
function hbaSteps(role: string, host: string | undefined, encryption: string): readonly Step[] {
  const line = formatHbaLine({
    database: { kind: 'replication' },
    user: role,
    address: host === undefined || host === '[local]' ? 'local' : host,
    encryption: /^SSL (?:encryption|on)$/u.test(encryption) ? 'tls' : encryption === 'GSS encryption' ? 'gss' : 'none',
    method: 'scram-sha-256',
    // the oldest: what it reads all others read alike
    serverVersion: 13,
  });
  if (line === undefined) return [];
  return [
    manual(
      'primary',
      `Add this line to the primary's pg_hba.conf (SHOW hba_file), before any line that rejects the connection:\n${line}`,
    ),
    reload('primary'),
  ];
}
