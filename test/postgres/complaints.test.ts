import { expect, test } from 'vitest';

import { complaintsWatch } from '../../src/postgres/log/complaints.ts';
import type { LogRecord } from '../../src/postgres/log/log-record.ts';
import type { Recognition } from '../../src/postgres/messages/recognition.ts';

const record = (message: string, severity: string, pid = 7) => ({ message, severity, pid }) as LogRecord;
const summary = { id: 'could-not-create-any-unix' } as Recognition;

test('a message that sums up is given what its process said before it, and nothing of others', () => {
  const watch = complaintsWatch();
  watch.see(record('of another', 'LOG', 8), undefined);
  watch.see(record('starting PostgreSQL 17.2', 'LOG'), undefined);
  watch.see(record('group "dbadmins" does not exist', 'LOG'), undefined);
  watch.see(record('could not create Unix-domain socket in directory "/run"', 'WARNING'), undefined);
  expect(watch.before(summary).map((one) => one.record.message)).toEqual([
    'group "dbadmins" does not exist',
    'could not create Unix-domain socket in directory "/run"',
  ]);
  expect(watch.before({ id: 'lock-file-open' } as Recognition)).toEqual([]);
});
