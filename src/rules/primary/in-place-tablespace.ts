import { ifSeen, seen } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const inPlaceTablespace = defineRule({
  id: 'primary/in-place-tablespace',
  title: 'An in-place tablespace keeps the copy from starting',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['tablespaces', 'primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl'],
  provenBy: 'streaming',
  docs: {
    what: 'Fails if the primary has a tablespace within its own data directory (pg_tblspc/N), made while allow_in_place_tablespaces was on, and the setting is off in its configuration.',
    why: 'A base backup contains the directory, and a server that recovers from it ends with a PANIC when it becomes consistent: every entry of pg_tblspc has to be a link, unless allow_in_place_tablespaces is on.',
    notes:
      'A setting in the configuration of the primary comes with the copy. On a standby that exists already, see standby/tablespace-link-broken.',
    references: ['src/backend/access/transam/xlogrecovery.c: CheckTablespaceDirectory()'],
  },
  judge(facts) {
    const { tablespaces, primarySettings } = facts;
    const inPlace = tablespaces.filter(({ location }) => location !== '' && !location.startsWith('/'));
    if (inPlace.length === 0) return pass('the primary has no tablespace within its data directory');
    if (booleanOf(primarySettings, 'allow_in_place_tablespaces') === true)
      return pass('allow_in_place_tablespaces is on, and comes with the copy');
    const names = inPlace.map(({ name }) => name).join(', ');
    return fail({
      message: `The tablespace ${names} is a directory in pg_tblspc of the primary. The base backup succeeds, but a server on it does not start: allow_in_place_tablespaces is off.`,
      where: at('primary', ifSeen(facts.primary)?.name),
      evidence: inPlace.map(({ name, location }) => evidence(name, location, 'pg_tablespace_location()')),
      remedy: safe(
        'Turn allow_in_place_tablespaces on for the primary: its copies get it with the configuration.',
        ...changeAndReload(
          { ...facts, primarySettings: seen(primarySettings, 'pg_settings') },
          { allow_in_place_tablespaces: 'on' },
        ),
      ),
    });
  },
});
