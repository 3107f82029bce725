import { ifSeen } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const fullPageWritesOff = defineRule({
  id: 'primary/full-page-writes-off',
  title: 'full_page_writes is off: a crash can leave torn pages',
  severity: 'warning',
  endangersData: true,
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl'],
  docs: {
    what: 'Warns if `full_page_writes` is off.',
    why: 'After a crash during a write, a page may be partly old and partly new, and only its full image in the WAL can restore it. A base backup turns full page writes on while it runs. pg_rewind refuses a server without them, and a standby of such a primary does not allow base backups.',
    references: [
      'full_page_writes: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-FULL-PAGE-WRITES',
    ],
  },
  judge({ primarySettings: settings, primary, fileSettings, primaryControl }) {
    const on = booleanOf(settings, 'full_page_writes');
    if (on === undefined)
      return unexamined({ kind: 'permission', because: 'full_page_writes: the server does not show it' });
    if (on) return pass('full_page_writes is on');
    return fail({
      message:
        'With full_page_writes off, a page that was partly written during a crash cannot be restored, on this server and on its standbys. Its standbys do not allow base backups, and pg_rewind refuses this server.',
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('full_page_writes', 'off', 'pg_settings')],
      remedy: safe(
        'Turn full_page_writes on, and reload.',
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { full_page_writes: 'on' },
        ),
      ),
    });
  },
});
