import { ifSeen } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const fullPageWritesOff = defineRule({
  id: 'primary/full-page-writes-off',
  title: 'full_page_writes is off: a crash can leave torn pages, here and on every standby',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl'],
  docs: {
    what: 'Warns when `full_page_writes` is off.',
    why: 'After a crash in the middle of a write a page is half old, half new, and only its full image in the WAL mends it. A base backup turns it on while it runs; pg_rewind refuses a server without it, and no base backup can be taken from a standby of such a primary.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-FULL-PAGE-WRITES'],
  },
  judge({ primarySettings: settings, primary, fileSettings, primaryControl }) {
    const on = booleanOf(settings, 'full_page_writes');
    if (on === undefined)
      return unexamined({ kind: 'permission', because: 'full_page_writes: the server does not show it' });
    if (on) return pass('full_page_writes is on');
    return fail({
      message:
        'With full_page_writes off, a page that was half written at a crash cannot be mended. A standby of this server gives no base backups, and pg_rewind refuses it.',
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('full_page_writes', 'off', 'pg_settings')],
      remedy: safe(
        'Turn it on and reload.',
        ...changeAndReload(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { full_page_writes: 'on' },
        ),
      ),
    });
  },
});
