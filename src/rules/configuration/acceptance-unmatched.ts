import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const acceptanceUnmatched = defineRule({
  id: 'configuration/acceptance-unmatched',
  title: 'An accepted finding does not exist',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['acceptances'],
  docs: {
    what: 'Notes an entry of "accepted" in the configuration that no finding of this run matches, if its rule was checked and the entry is meant for this run.',
    why: 'It would accept the same finding later, when the reason may no longer hold.',
    notes:
      'An entry is meant for this run if it has the name of the target, if its subject names the primary or the data directory of this run, or if the configuration has no targets.',
    references: ['docs/configuration.md'],
  },
  judge({ acceptances }) {
    const idle = acceptances.filter(({ meets, examined }) => examined && meets.length === 0);
    const [first, ...others] = idle.map(({ rule, subject, reason, until }) => ({
      title: `No finding of ${rule} matches its acceptance`,
      message: `The configuration accepts ${rule} for "${subject}" until ${until}, but there is no such finding.`,
      where: at('client' as const),
      evidence: [evidence('reason', reason, 'the configuration of standbylint')],
      remedy: safe(
        'Remove the entry.',
        manual('client', `Remove the entry of ${rule} for "${subject}" from "accepted" in the configuration.`),
      ),
    }));
    return first === undefined
      ? pass(`each acceptance of ${acceptances.length} that is meant for this run matches a finding`)
      : fail(first, ...others);
  },
});
