import { expect, test } from 'vitest';

import { nameAsSeen, nameAsSet, nameInReceiver, nameSent } from '../../src/postgres/name-as-seen.ts';

test.each([
  ['db2', 13, 'db2'],
  ['é', 15, '??'],
  ['é', 16, String.raw`\xc3\xa9`],
  ['a\tb', 15, 'a?b'],
  ['n'.repeat(70), 18, 'n'.repeat(63)],
  [`${'n'.repeat(62)}é`, 15, `${'n'.repeat(62)}?`],
  [`${'n'.repeat(62)}é`, 16, `${'n'.repeat(62)}\\`],
])('%s on %i is listed as %s', (name, major, listed) => expect(nameAsSeen(name, major)).toBe(listed));

test('what is compared with synchronous_standby_names is longer than what is shown', () => {
  expect(nameAsSet('é'.repeat(40), 16)).toHaveLength(63 * 4);
});

test.each([
  [undefined, '', 'walreceiver'],
  [undefined, 'main', 'main'],
  ['', 'main', ''],
  ['db2', 'main', 'db2'],
])('application_name %s with cluster_name %s sends %s', (applicationName, clusterName, sent) =>
  expect(nameSent(applicationName, clusterName, 15)).toBe(sent),
);

test.each([
  ['host=a application_name=node two fallback_application_name=walreceiver sslmode=prefer', 'node two'],
  ['host=a fallback_application_name=15/main sslmode=prefer', '15/main'],
  ['application_name=x fallback_application_name=walreceiver', 'x'],
  ['', undefined],
])('%s names %s', (conninfo, name) => expect(nameInReceiver(conninfo)).toBe(name));
