import { ifSeen } from '../../facts/observed.ts';
import type { Settings } from '../../facts/primary.ts';
import { changeAndRestart } from '../../remedies/change-setting.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { connectionsNeeded } from '../../derived/connections-needed.ts';

/** Settings that take effect at a restart only, and that base backups, replication or a standby's start depend on. */
const settingsThatMatter = [
  'wal_level',
  'max_wal_senders',
  'max_replication_slots',
  'listen_addresses',
  'port',
  'unix_socket_directories',
  'archive_mode',
  'wal_log_hints',
  'hot_standby',
  'shared_preload_libraries',
  'max_connections',
  'max_worker_processes',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const;

export const pendingRestart = defineRule({
  id: 'primary/pending-restart',
  title: 'A changed setting takes effect only after a restart of the primary',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['fileSettings', 'primary', 'primaryControl', 'baseBackup', 'dataDirectory'],
  explains: [
    'primary/wal-level-minimal',
    'primary/no-wal-senders',
    'primary/wal-senders-exhausted',
    'primary/no-free-slot',
    ...notStreaming,
  ],
  docs: {
    what: 'Compares the running values with the configuration files, for settings that need a restart. It is an error if the running value prevents a standby and the value in the files does not; otherwise a warning.',
    why: 'The server keeps the old value until it is restarted. Setting it again has no effect.',
    notes:
      'The values in the files come from pg_file_settings; pg_settings.pending_restart alone shows only the names. A setting of the command line, such as `-c max_connections=300` of a container, is not reported: after a reload the server marks it as pending if a file has another value, but the next start has the same command line.',
    references: ['pg_settings: https://www.postgresql.org/docs/current/view-pg-settings.html'],
  },
  judge({ primarySettings: settings, fileSettings, primary, primaryControl, baseBackup, dataDirectory }) {
    const waiting = settingsThatMatter.flatMap((name) => {
      const running = settings.get(name);
      const inFile = ifSeen(fileSettings)?.findLast((setting) => setting.name === name);
      // a restart keeps what the command line says, and a reload marks it all the same (guc.c, set_config_option)
      const outranked = running?.source === 'command line';
      const pending = !outranked && (running?.pendingRestart === true || inFile?.applied === false);
      return running === undefined || !pending ? [] : [{ name, running: running.value, inFile: inFile?.value }];
    });
    if (waiting.length === 0) return pass('no relevant setting waits for a restart (pg_settings)');
    const needed = connectionsNeeded(baseBackup);
    const after = new Map(settings);
    for (const { name, inFile } of waiting) {
      const setting = settings.get(name);
      if (inFile !== undefined && setting !== undefined) after.set(name, { ...setting, value: inFile });
    }
    const slots = dataDirectory.status === 'seen' ? 0 : 1;
    const cures = !allows(settings, needed, slots) && allows(after, needed, slots);
    const words = waiting.map(({ name, running, inFile }) =>
      inFile === undefined
        ? `${name} is ${running === '' ? 'empty' : running} until the restart`
        : `${name} is ${running === '' ? 'empty' : running} and will be ${inFile}`,
    );
    return fail({
      severity: cures ? 'error' : 'warning',
      title: `The primary needs a restart for ${waiting.map(({ name }) => name).join(', ')}`,
      message: `The configuration files were changed, but the server has not been restarted since: ${words.join('; ')}. ${
        cures
          ? `With the values in the files ${dataDirectory.status === 'seen' ? 'the standby can connect' : 'a standby can be created'}; no further change is needed.`
          : 'The next restart changes how this server behaves.'
      }`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: waiting.map(({ name, running, inFile }) =>
        evidence(
          name,
          inFile === undefined ? `${running} (pending restart)` : `${running}; in the configuration file: ${inFile}`,
          inFile === undefined ? 'pg_settings' : 'pg_file_settings',
        ),
      ),
      remedy: disruptive(
        'Restart the server.',
        ...changeAndRestart(
          { primarySettings: { status: 'seen', value: settings, source: '' }, fileSettings, primaryControl },
          {},
        ),
      ),
    });
  },
});

/** Whether these settings let a base backup or a standby through: what the other rules of this group ask for. */
function allows(settings: Settings, needed: number, slots: number): boolean {
  const number = (name: string): number => Number(settings.get(name)?.value ?? Number.NaN);
  return (
    settings.get('wal_level')?.value !== 'minimal' &&
    number('max_wal_senders') >= needed &&
    number('max_replication_slots') >= slots
  );
}
