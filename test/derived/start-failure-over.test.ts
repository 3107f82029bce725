import { expect, it } from 'vitest';

import { startFailureOver } from '../../src/derived/start-failure-over.ts';
import { seen } from '../../src/facts/observed.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aConfiguration, aDataDirectory } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const directory = aDataDirectory().path;

/** The configuration was changed a minute after the last line. */
function over(message: string, settings: readonly (readonly [string, string])[] = []): string | undefined {
  const changed = { file: `${directory}/postgresql.conf`, at: new Date(now.getTime() + 60_000) };
  return startFailureOver({
    dataDirectory: seen(aDataDirectory(), ''),
    standbyConfiguration: seen({ ...aConfiguration(settings), changed }, ''),
    serverLog: seen(aLogUntil(now, [starting, `FATAL:  ${message}`]), ''),
  });
}

const denied = 'Permission denied';
const gone = 'No such file or directory';

it.each([
  [`could not load server certificate file "/etc/tls/server.crt": ${gone}`, '/etc/tls/server.crt'],
  [`could not access file "timescaledb": ${gone}`, 'timescaledb'],
  [`could not open log file "/var/log/gone/server.log": ${gone}`, '/var/log/gone/server.log'],
])('%s, and no setting names it any more', (message, named) => {
  expect(over(message)).toContain(named);
  expect(over(message, [['some_setting', `x, ${named}`]])).toBeUndefined();
});

it.each([
  `could not open file "backup_label": ${denied}`,
  `could not create file "backup_label.old": ${denied}`,
  `could not open file "standby.signal": ${denied}`,
  `could not load server certificate file "server.crt": ${gone}`,
  `could not open file "base/5/2619": ${denied}`,
  `could not access directory "${directory}": ${denied}`,
  `could not open directory "${directory}/pg_wal": ${gone}`,
])('%s is of the data directory, and no setting ever names it', (message) => {
  expect(over(message)).toBeUndefined();
});
