import { expect, test } from 'vitest';

import { connectionFilesIn, withFilesIn } from '../../src/remedies/connection-files.ts';

test.each([
  ['a relative path', 'host=db1 passfile=own.pass', 'host=db1 passfile=/old/own.pass'],
  ['a whole path', 'host=db1 sslkey=/data/tls/own.key', 'host=db1 sslkey=/old/tls/own.key'],
  ['several', 'sslcert=a.crt sslkey=./a.key', 'sslcert=/old/a.crt sslkey=/old/a.key'],
  ['one elsewhere', 'host=db1 passfile=/home/anna/.pgpass', 'host=db1 passfile=/home/anna/.pgpass'],
  ['one beside it', 'host=db1 passfile=/data2/own.pass', 'host=db1 passfile=/data2/own.pass'],
  ['the certificates of the system', 'host=db1 sslrootcert=system', 'host=db1 sslrootcert=system'],
  ['none', 'host=db1', 'host=db1'],
])('a connection whose data directory is moved: %s', (_, conninfo, moved) => {
  expect(withFilesIn('/old', connectionFilesIn('/data', conninfo), conninfo)).toBe(moved);
});
