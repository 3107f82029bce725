import type { Surroundings } from '../checks/check.ts';
import type { BaseBackupSubject } from '../checks/subject.ts';
import type { Host } from '../hosts/host.ts';
import type { Secret } from '../postgres/secret.ts';
import type { Diagnosis } from './diagnose.ts';

/** What `preflight` and `clone` begin with: the subject that the call means, and all that was found out about it. */
export interface Examination extends Diagnosis {
  readonly subject: BaseBackupSubject;
  readonly host: Host;
  readonly surroundings: Surroundings;
  /** The same again; the login is tried with this password, where one is given. */
  again(password: Secret | undefined): Promise<Examination>;
}
