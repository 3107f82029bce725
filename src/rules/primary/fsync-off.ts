import { ifSeen } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const fsyncOff = defineRule({
  id: 'primary/fsync-off',
  title: 'fsync is off: a crash of the machine can destroy the primary',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl', 'dataDirectory'],
  docs: {
    what: 'Warns when `fsync` is off.',
    why: 'The server does not wait until its writes are on disk. After a crash of the machine its files may contradict each other, and a standby may be ahead of what its primary remembers. The setting is copied with the data directory, so that the standby runs without fsync as well.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-FSYNC'],
  },
  judge({ primarySettings: settings, primary, fileSettings, primaryControl, dataDirectory }) {
    const on = booleanOf(settings, 'fsync');
    if (on === undefined) return unexamined({ kind: 'permission', because: 'fsync: the server does not show it' });
    if (on) return pass('fsync is on');
    return fail({
      message: `With fsync off, a crash of the machine can leave files that contradict each other, and a standby that is ahead of its primary.${dataDirectory.status === 'seen' ? '' : ' The copy brings the setting along.'}`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('fsync', 'off', 'pg_settings')],
      remedy: safe(
        'Turn it on and reload.',
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { fsync: 'on' },
        ),
      ),
    });
  },
});
