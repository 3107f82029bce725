import { ifSeen } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const fsyncOff = defineRule({
  id: 'primary/fsync-off',
  title: 'fsync is off: an operating system crash can corrupt the primary',
  severity: 'warning',
  endangersData: true,
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl', 'dataDirectory'],
  docs: {
    what: 'Warns if `fsync` is off.',
    why: 'The server does not wait until its writes are on disk. After an operating system crash its files may be inconsistent, and a standby may be ahead of its primary. The setting is copied with the data directory, so the standby also runs without fsync.',
    references: ['fsync: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-FSYNC'],
  },
  judge({ primarySettings: settings, primary, fileSettings, primaryControl, dataDirectory }) {
    const on = booleanOf(settings, 'fsync');
    if (on === undefined) return unexamined({ kind: 'permission', because: 'fsync: the server does not show it' });
    if (on) return pass('fsync is on');
    return fail({
      message: `With fsync off, an operating system crash can leave inconsistent files on the primary, and a standby that is ahead of it.${dataDirectory.status === 'seen' ? '' : ' A base backup includes the setting.'}`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('fsync', 'off', 'pg_settings')],
      remedy: safe(
        'Turn fsync on, and reload.',
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { fsync: 'on' },
        ),
      ),
    });
  },
});
