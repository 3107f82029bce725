import { inPlaceTablespace } from '../../../src/rules/primary/in-place-tablespace.ts';
import { testRule } from '../rule-tester.ts';
import { someSettings } from '../world.ts';

const within = { oid: 16385, name: 'space', location: 'pg_tblspc/16385', bytes: 1n };

testRule(inPlaceTablespace, {
  passes: [
    {
      name: 'tablespaces elsewhere',
      facts: { tablespaces: [{ ...within, location: '/srv/space' }] },
    },
    {
      name: 'the configuration allows it',
      facts: { tablespaces: [within], primarySettings: someSettings({ allow_in_place_tablespaces: 'on' }) },
    },
  ],
  fails: [
    {
      name: 'one that was made by a session',
      facts: { tablespaces: [within], primarySettings: someSettings({ allow_in_place_tablespaces: 'off' }) },
      steps: ["ALTER SYSTEM SET allow_in_place_tablespaces = 'on';", 'SELECT pg_reload_conf();'],
    },
  ],
});
