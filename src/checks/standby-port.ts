import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import { integerOf } from '../facts/settings.ts';
import { defineCheck } from './check.ts';
import { nextFreePort } from './free-port.ts';
import { noCopyIsMade } from './subject.ts';

/**
 * The port that the standby will ask for: this machine's own configuration says it, or, where the primary keeps its
 * postgresql.conf in its data directory, the file that comes with the copy.
 */
export const standbyPortCheck = defineCheck({
  brings: ['standbyPort'],
  after: ['preparedConfiguration', 'primarySettings', 'primaryPaths'],
  async look({ preparedConfiguration, primarySettings, primaryPaths }, { subject, host }) {
    if (subject.command === 'postmortem') return { standbyPort: noCopyIsMade };
    if (subject.baseBackup.format === 'tar' || subject.baseBackup.target !== undefined)
      return { standbyPort: notApplicable('no server can start on an archive') };
    const prepared = ifSeen(preparedConfiguration);
    if (prepared?.port !== undefined) {
      const set = prepared.settings.get('port');
      const source = { kind: 'prepared' as const, file: set?.file ?? prepared.file, line: set?.line };
      const free = prepared.port.inUse ? await nextFreePort(host, prepared.port.number) : undefined;
      return { standbyPort: seen({ ...prepared.port, free, source }, prepared.file) };
    }
    const paths = ifSeen(primaryPaths);
    if (paths !== undefined && !paths.configFile.startsWith(`${paths.dataDirectory}/`))
      return {
        standbyPort: notApplicable(`the primary keeps ${paths.configFile} outside of what is copied`),
      };
    if (primarySettings.status !== 'seen') return { standbyPort: primarySettings };
    const number = integerOf(primarySettings.value, 'port');
    if (number === undefined) return { standbyPort: unseen('permission', 'the primary does not show its port') };
    const inUse = await host.portInUse(number);
    if (!inUse.ok) return { standbyPort: unseen('unreadable', inUse.problem.message) };
    const file = paths?.configFile ?? 'postgresql.conf';
    const free = inUse.value ? await nextFreePort(host, number) : undefined;
    const source = { kind: 'copied' as const, file, line: undefined };
    return { standbyPort: seen({ number, inUse: inUse.value, free, source }, file) };
  },
});
