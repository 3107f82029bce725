import { posix } from 'node:path';

import type { Place } from '../facts/machine.ts';
import { notApplicable, seen } from '../facts/observed.ts';
import type { Tablespace } from '../facts/primary.ts';
import { defineCheck } from './check.ts';
import { lookAtPlace } from './place.ts';
import { noCopyIsMade } from './subject.ts';

/** Where each tablespace of the primary will be written: to the same path as there, or where -T puts it. */
export const tablespaceTargetsCheck = defineCheck({
  brings: ['tablespaceTargets'],
  after: ['tablespaces'],
  async look({ tablespaces }, { subject, host, now }) {
    if (subject.command === 'postmortem') return { tablespaceTargets: noCopyIsMade };
    const { format, target, tablespaceMappings } = subject.baseBackup;
    if (format === 'tar' || target !== undefined)
      return { tablespaceTargets: notApplicable('in an archive the tablespaces are files beside the others') };
    if (tablespaces.status !== 'seen') return { tablespaceTargets: tablespaces };
    // pg_default and pg_global lie in the data directory, and so do those that are `in place` (15 and later)
    const outside = tablespaces.value.filter(({ location }) => posix.isAbsolute(location));
    const looks = await Promise.all(
      outside.map(async (tablespace) => {
        const mapping = tablespaceMappings.find(({ mapping: to }) => to?.from === tablespace.location)?.mapping;
        const place = await lookAtPlace(host, mapping?.to ?? tablespace.location, now());
        return { tablespace, mapped: mapping !== undefined, place };
      }),
    );
    const targets: { tablespace: Tablespace; mapped: boolean; place: Place }[] = [];
    for (const { tablespace, mapped, place } of looks) {
      if (place.status !== 'seen') return { tablespaceTargets: place };
      targets.push({ tablespace, mapped, place: place.value });
    }
    return { tablespaceTargets: seen(targets, 'the file systems of this machine') };
  },
});
